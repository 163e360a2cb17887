#!/usr/bin/env python3
"""Makes the files of this folder: make_fixtures.py OUT_DIR [facenet_keras.h5].

Needs torch 2, numpy, h5py 3 and facenet-pytorch 2.6.0.
"""
import collections
import os
import sys
import zipfile

import h5py
import numpy as np
import torch
from facenet_pytorch import InceptionResnetV1
from torch import nn

OUT = sys.argv[1]


def path(name):
    return os.path.join(OUT, name)


def state():
    base = torch.arange(12, dtype=torch.float32).view(3, 4)
    tensors = collections.OrderedDict()
    tensors["base"] = base
    tensors["transposed"] = base.t()  # strides (1, 4)
    tensors["row"] = base[1]  # offset 4 in the same storage
    tensors["every_other"] = base[:, 1::2]  # offset 1, strides (4, 2)
    tensors["expanded"] = torch.tensor([[7.0], [8.0]]).expand(2, 3)  # strides (1, 0)
    tensors["parameter"] = nn.Parameter(torch.tensor([0.5, -0.25]))
    tensors["half"] = torch.tensor([1.0, -2.5, 65504.0, 5.9604645e-08, 0.0, float("inf")]).half()
    tensors["bfloat16"] = torch.tensor([1.0, -3.140625, 1.0e30]).bfloat16()
    tensors["double"] = torch.tensor([0.1, -1.0e-3], dtype=torch.float64)
    tensors["scalar"] = torch.tensor(1.5)
    tensors["empty"] = torch.zeros(0, 3)
    tensors["num_batches_tracked"] = torch.tensor(3)  # int64: left out
    tensors._metadata = {"": {"version": 1}}
    return tensors


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.PReLU(2))
        self.head = nn.Linear(2, 3, bias=False)

    def forward(self, x):
        return self.head(self.body(x).mean((2, 3)))


def fill(module):
    with torch.no_grad():
        for i, (name, value) in enumerate(module.state_dict().items()):
            if value.is_floating_point():
                value.copy_(torch.arange(value.numel()).view(value.shape) / 8 + i)


def make_torch():
    torch.save(state(), path("state_zip.pt"))
    torch.save(state(), path("state_zip_protocol4.pt"), pickle_protocol=4)
    torch.save(state(), path("state_legacy.pt"), _use_new_zipfile_serialization=False)
    with zipfile.ZipFile(path("state_zip.pt")) as stored, \
            zipfile.ZipFile(path("state_zip_deflated.pt"), "w", zipfile.ZIP_DEFLATED) as deflated:
        for name in stored.namelist():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            deflated.writestr(info, stored.read(name))
    torch.save({"epoch": 3, "net": torch.ones(1)}, path("checkpoint.pt"))
    net = Net().eval()
    fill(net)
    torch.jit.trace(net, torch.rand(1, 1, 4, 4)).save(path("script_traced.pt"))
    torch.jit.script(net).save(path("script_scripted.pt"))
    gallery = [[torch.tensor([[0.5, -1.0, 2.0, 0.25]]), torch.tensor([1.0, 2.0, 3.0, 4.0])], ["Zo\u00eb", "B"]]
    torch.save(gallery, path("gallery_zip.pt"))
    torch.save(gallery, path("gallery_legacy.pt"), _use_new_zipfile_serialization=False)


def h5(name, **options):
    return h5py.File(path(name), "w", **options)


def make_h5():
    kernel = np.arange(24, dtype="<f4").reshape(1, 2, 3, 4)
    with h5("keras.h5") as f:
        f.attrs["keras_version"] = "2.1.2"
        layers = f.create_group("model_weights")
        layers.attrs["layer_names"] = np.array([b"conv", b"norm", b"act"])
        layers.create_group("act")
        layers.create_dataset("conv/conv/kernel:0", data=kernel)
        layers.create_dataset("conv/conv/bias:0", data=np.array([0.5, -0.5], dtype="<f8"))
        for i in range(10):  # more than one symbol table node
            layers.create_dataset(f"norm/scope/w{i}:0", data=np.array([i], dtype="<f4"))
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_layout(h5py.h5d.COMPACT)
        compact = h5py.h5d.create(layers["act"].id, b"alpha:0", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((3,)),
                                  properties)
        compact.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([1, 2, 3], dtype="<f4"))
        f.create_dataset("optimizer_weights/iterations:0", data=np.int64(5))  # not a weight: not looked at
    with h5("keras_weights_only.h5") as f:
        f.create_dataset("dense/dense/kernel:0", data=np.ones((2, 2), dtype="<f4"))
    with h5("chunked.h5") as f:
        f.create_dataset("model_weights/a/w:0", data=kernel, chunks=True)
    with h5("integer.h5") as f:
        f.create_dataset("model_weights/a/w:0", data=np.arange(3))
    with h5("big_endian.h5") as f:
        f.create_dataset("model_weights/a/w:0", data=kernel.astype(">f4"))
    with h5("float16.h5") as f:
        f.create_dataset("model_weights/a/w:0", data=kernel.astype("<f2"))
    with h5("soft_link.h5") as f:
        f.create_dataset("model_weights/a/w:0", data=kernel)
        f["model_weights/a/v:0"] = h5py.SoftLink("/model_weights/a/w:0")
    with h5("latest.h5", libver="latest") as f:
        f.create_dataset("model_weights/a/w:0", data=kernel)


def make_names(keras_facenet):
    """inception_resnet_v1.txt: facenet-pytorch's names and shapes, then Keras' of facenet_keras.h5."""
    with open(path("inception_resnet_v1.txt"), "w") as out:
        net = InceptionResnetV1(pretrained=None, classify=True, num_classes=7)
        for name, value in net.state_dict().items():
            if value.is_floating_point():
                print("torch", name, *value.shape, file=out)
        with h5py.File(keras_facenet, "r") as f:
            for layer, group in f["model_weights"].items():
                def add(name, item, layer=layer):
                    if isinstance(item, h5py.Dataset):
                        print("keras", layer + "/" + name.split("/")[-1].split(":")[0], *item.shape, file=out)
                group.visititems(add)


make_torch()
make_h5()
if len(sys.argv) > 2:
    make_names(sys.argv[2])
