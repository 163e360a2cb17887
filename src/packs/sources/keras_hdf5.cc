// Keras' HDF5 layout: model_weights/LAYER/[SCOPE/...]WEIGHT:0 (model.save), or the layers at the top (save_weights).
// Tested by keras_hdf5_test.cc, sources_golden_test.cc.
#include "packs/sources/keras_hdf5.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "packs/sources/hdf5.h"
#include "weights/parse.h"

namespace facepipe::weights {
namespace {

struct PendingObject {
  std::uint64_t address;
  std::string_view layer;  // the first part of the path; empty for the group of all layers
  std::string_view name;   // the last part of the path
  int depth;
};

Tensor to_tensor(const Hdf5Dataset& dataset) {
  Tensor tensor;
  for (const std::uint64_t extent : dataset.shape) {
    tensor.shape.push_back(static_cast<std::int64_t>(extent));
  }
  tensor.values.resize(static_cast<std::size_t>(dataset.value_count));
  if (!dataset.is_double) {
    if (!tensor.values.empty()) {
      std::memcpy(tensor.values.data(), dataset.data.data(), dataset.data.size());
    }
    return tensor;
  }
  for (std::size_t i = 0; i < tensor.values.size(); ++i) {
    double value = 0.0;
    std::memcpy(&value, dataset.data.data() + i * sizeof(double), sizeof(double));
    tensor.values[i] = static_cast<float>(value);
  }
  return tensor;
}

// The group that holds the layers.
Result<Hdf5Group> layers_group(Hdf5File& file) {
  FACEPIPE_ASSIGN(const Hdf5Object root, file.object(file.root_address()));
  if (!std::holds_alternative<Hdf5Group>(root)) {
    return invalid_data("HDF5: the root is not a group");
  }
  FACEPIPE_ASSIGN(const std::vector<Hdf5Member> members, file.members(std::get<Hdf5Group>(root)));
  for (const Hdf5Member& member : members) {
    if (member.name != "model_weights") {
      continue;
    }
    FACEPIPE_ASSIGN(const Hdf5Object weights, file.object(member.address));
    if (!std::holds_alternative<Hdf5Group>(weights)) {
      return invalid_data("HDF5: model_weights is not a group");
    }
    return std::get<Hdf5Group>(weights);
  }
  return std::get<Hdf5Group>(root);
}

class KerasReader {
 public:
  KerasReader(Hdf5File file, const ReadLimits& limits, std::size_t max_name_bytes)
      : file_(file), limits_(limits), name_bytes_left_(max_name_bytes) {}

  Result<StateDict> run() {
    FACEPIPE_ASSIGN(const Hdf5Group layers, layers_group(file_));
    FACEPIPE_TRY(add_members(layers, "", 0));
    while (!pending_.empty()) {
      const PendingObject next = pending_.back();
      pending_.pop_back();
      Result<Hdf5Object> object = file_.object(next.address);
      if (!object) {
        return object.error().with_context("layer " + quote(next.layer) + ", " + quote(next.name));
      }
      if (const auto* group = std::get_if<Hdf5Group>(&*object)) {
        FACEPIPE_TRY(add_members(*group, next.layer, next.depth + 1));
      } else {
        FACEPIPE_TRY(add_tensor(std::get<Hdf5Dataset>(*object), next));
      }
    }
    return std::move(tensors_);
  }

 private:
  Status add_members(const Hdf5Group& group, std::string_view layer, int depth) {
    if (depth > limits_.max_depth) {
      return too_large("HDF5: groups are nested deeper than " + std::to_string(limits_.max_depth));
    }
    FACEPIPE_ASSIGN(const std::vector<Hdf5Member> members, file_.members(group));
    for (const Hdf5Member& member : members) {
      pending_.push_back({member.address, layer.empty() ? member.name : layer, member.name, depth});
    }
    return {};
  }

  Status add_tensor(const Hdf5Dataset& dataset, const PendingObject& object) {
    if (object.depth == 0) {
      return invalid_data("HDF5: dataset " + quote(object.name) + " lies in no layer");
    }
    std::string name = std::string(object.layer) + "/" + std::string(object.name.substr(0, object.name.find(':')));
    FACEPIPE_TRY(check_name(name));
    if (name.size() > name_bytes_left_) {
      return too_large("HDF5: the tensors' names together are longer than the file");
    }
    name_bytes_left_ -= name.size();
    if (dataset.value_count > limits_.max_tensor_values - values_made_) {
      return too_large("tensor " + quote(name) + " of " + std::to_string(dataset.value_count) + " values: more than " +
                       std::to_string(limits_.max_tensor_values) + " values in all tensors together");
    }
    values_made_ += static_cast<std::size_t>(dataset.value_count);
    if (tensors_.contains(name)) {
      return invalid_data("tensor " + quote(name) + " is there twice");
    }
    tensors_.emplace(std::move(name), to_tensor(dataset));
    return {};
  }

  Hdf5File file_;
  const ReadLimits& limits_;
  std::vector<PendingObject> pending_;
  StateDict tensors_;
  std::size_t values_made_ = 0;
  std::size_t name_bytes_left_;
};

}  // namespace

Result<StateDict> read_keras_hdf5(ByteView file, const ReadLimits& limits) {
  FACEPIPE_TRY(check_file_size(file, limits));
  FACEPIPE_ASSIGN(const Hdf5File hdf5_file, Hdf5File::open(file, limits));
  // Links and overlapping data may ask for one stretch of the file many times.
  constexpr std::size_t kNameBytesAlways = std::size_t{1} << 20U;
  ReadLimits bounded = limits;
  bounded.max_tensor_values = limits_for(file.size(), limits).max_tensor_values;
  return KerasReader(hdf5_file, bounded, std::max(kNameBytesAlways, file.size())).run();
}

}  // namespace facepipe::weights
