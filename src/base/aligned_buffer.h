// A growing array for the kernels' inputs, outputs and weights.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>

namespace facepipe {

// `T`s on a cache-line boundary, with kSlack more past the end that kernels may read and overwrite. Every element is
// defined: zero when it is allocated. Memory is kept when it shrinks, so that a workspace stops allocating after its
// first calls. Move-only. Not thread-safe.
template <typename T>
class AlignedBuffer {
  static_assert(std::is_trivial_v<T>);

 public:
  static constexpr std::size_t kAlignment = 64;
  static constexpr std::size_t kSlack = 32;

  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size) { resize(size); }

  // The content is lost when it grows past its capacity.
  void resize(std::size_t size) {
    if (size > capacity_ || data_ == nullptr) {
      data_.reset(static_cast<T*>(::operator new((size + kSlack) * sizeof(T), std::align_val_t{kAlignment})));
      std::fill_n(data_.get(), size + kSlack, T{});
      capacity_ = size;
    }
    size_ = size;
  }

  [[nodiscard]] T* data() { return data_.get(); }
  [[nodiscard]] const T* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(T* memory) const { ::operator delete(memory, std::align_val_t{kAlignment}); }
  };
  std::unique_ptr<T[], Free> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace facepipe
