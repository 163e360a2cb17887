"""make_models.py FOLDER: resnetV1.pt (TorchScript) and resnetV1_video_weights.pt (93 embeddings of 5 people) with random
weights. Batch norms take the statistics of random pictures, so that activations stay in the range of a trained network:
vanishing ones would be slower to multiply."""
import pathlib
import sys

import torch
from facenet_pytorch import InceptionResnetV1

PEOPLE, EMBEDDINGS = 5, 93


def network():
    torch.manual_seed(0)
    net = InceptionResnetV1(pretrained=None, classify=False)
    for module in net.modules():
        if isinstance(module, (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)):
            module.momentum = None  # a plain average
    with torch.no_grad():
        net(torch.rand(8, 3, 160, 160) * 2 - 1)
    return net.eval()


def main():
    torch.set_num_threads(1)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    net = network()
    with torch.no_grad():
        torch.jit.trace(net, torch.rand(1, 3, 240, 240)).save(str(folder / "resnetV1.pt"))
    embeddings = [torch.nn.functional.normalize(torch.randn(1, 512)) for _ in range(EMBEDDINGS)]
    torch.save([embeddings, [f"person {i % PEOPLE}" for i in range(EMBEDDINGS)]], folder / "resnetV1_video_weights.pt")


if __name__ == "__main__":
    main()
