// PNG (ISO/IEC 15948) to RGB pixels and back, by libspng.
//
// libspng hands out raw scanlines; samples become 8-bit RGB here, the way Pillow's convert('RGB') does it: alpha and
// tRNS are dropped, 1, 2 and 4-bit grey is stretched to 0..255, 16-bit colour keeps the high byte, and 16-bit grey
// without alpha is clipped at 255 (Pillow keeps its numbers, not its brightness). Palette indices past the palette are
// black. Checksums of chunks are checked (Pillow skips those of IDAT), but libspng stops at the last row: the checksum
// of the last IDAT and a missing end chunk go unnoticed. Tested by png_test.cc.
#include <spng.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "image/codec.h"
#include "image/encode.h"

namespace facepipe::image {
namespace {

// What libspng may keep of colour profiles and texts, which are compressed and could swell.
constexpr std::size_t kMaxMetadataBytes = std::size_t{8} << 20U;

struct ContextDeleter {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using Context = std::unique_ptr<spng_ctx, ContextDeleter>;

Error decode_error(int code) {
  const std::string message = std::string("PNG: ") + spng_strerror(code);
  switch (code) {
    case SPNG_EMEM:
      return {ErrorCode::kExhausted, message};
    case SPNG_EOVERFLOW:  // of the row or picture size in the header
      return {ErrorCode::kTooLarge, "PNG: the header's size is past every limit"};
    case SPNG_ECHUNK_LIMITS:
      return {ErrorCode::kTooLarge, message + " (8 MiB of metadata, 1000 chunks)"};
    case SPNG_IO_EOF:
    case SPNG_EIDAT_TOO_SHORT:
      return {ErrorCode::kInvalidData, "PNG: the data ends before the picture does"};
    case SPNG_ECHUNK_UNKNOWN_CRITICAL:
      return {ErrorCode::kUnsupported, message};
    default:
      return {ErrorCode::kInvalidData, message};
  }
}

Status spng_status(int code) {
  return code == SPNG_OK ? Status{} : decode_error(code);
}

struct OpenPng {
  Context context;
  spng_ihdr header{};
};

// The context reads from `encoded`, which must outlive it.
Result<OpenPng> open_png(ByteView encoded, const DecodeLimits& limits) {
  OpenPng png{Context(spng_ctx_new(0)), {}};
  if (png.context == nullptr) {
    return decode_error(SPNG_EMEM);
  }
  constexpr std::size_t kMaxChunkLength = 0x7FFFFFFF;  // of the format
  FACEPIPE_TRY(spng_status(spng_set_chunk_limits(png.context.get(), std::min(encoded.size(), kMaxChunkLength),
                                                 std::max(encoded.size(), kMaxMetadataBytes))));
  FACEPIPE_TRY(spng_status(spng_set_png_buffer(png.context.get(), encoded.data(), encoded.size())));
  FACEPIPE_TRY(spng_status(spng_get_ihdr(png.context.get(), &png.header)));
  FACEPIPE_TRY(check_size(ImageFormat::kPng, png.header.width, png.header.height, limits));
  return png;
}

using Rgb = std::array<std::uint8_t, 3>;

// Turns one raw scanline into RGB pixels.
class SampleConverter {
 public:
  SampleConverter(const spng_ihdr& header, const spng_plte& palette)
      : bits_(header.bit_depth), bytes_(header.bit_depth == 16 ? 2 : 1), color_type_(header.color_type) {
    const std::size_t levels = bits_ < 8 ? std::size_t{1} << bits_ : 256;
    for (std::size_t i = 0; i < levels; ++i) {
      const auto grey = static_cast<std::uint8_t>(i * 255 / (levels - 1));
      colors_[i] = {grey, grey, grey};
    }
    if (color_type_ == SPNG_COLOR_TYPE_INDEXED) {
      colors_.fill({});
      for (std::size_t i = 0; i < std::min<std::size_t>(palette.n_entries, colors_.size()); ++i) {
        colors_[i] = {palette.entries[i].red, palette.entries[i].green, palette.entries[i].blue};
      }
    }
  }

  [[nodiscard]] std::size_t bits_per_pixel() const { return channels() * bits_; }

  [[nodiscard]] Rgb pixel(const std::uint8_t* scanline, std::size_t x) const {
    if (bits_ < 8) {
      const std::size_t bit = x * bits_;
      const unsigned shift = 8U - bits_ - static_cast<unsigned>(bit % 8);
      return colors_[(scanline[bit / 8] >> shift) & ((1U << bits_) - 1U)];
    }
    const std::uint8_t* samples = scanline + x * channels() * bytes_;
    switch (color_type_) {
      case SPNG_COLOR_TYPE_TRUECOLOR:
      case SPNG_COLOR_TYPE_TRUECOLOR_ALPHA:
        return {samples[0], samples[bytes_], samples[2 * bytes_]};  // big-endian: the high byte is first
      case SPNG_COLOR_TYPE_GRAYSCALE:
        if (bytes_ == 2) {
          return colors_[samples[0] == 0 ? samples[1] : 255];
        }
        return colors_[samples[0]];
      default:  // grey with alpha, indexed
        return colors_[samples[0]];
    }
  }

 private:
  [[nodiscard]] std::size_t channels() const {
    switch (color_type_) {
      case SPNG_COLOR_TYPE_TRUECOLOR:
        return 3;
      case SPNG_COLOR_TYPE_TRUECOLOR_ALPHA:
        return 4;
      case SPNG_COLOR_TYPE_GRAYSCALE_ALPHA:
        return 2;
      default:
        return 1;
    }
  }

  unsigned bits_;
  std::size_t bytes_;
  unsigned color_type_;
  std::array<Rgb, 256> colors_{};  // of a grey level or palette index
};

// The columns of one scanline: first, first + step, ...
struct Columns {
  int first = 0;
  int step = 1;
};

// Adam7 (ISO/IEC 15948, 8.2): pass p of an interlaced picture holds these columns of its rows.
Columns columns_of(const spng_ihdr& header, int pass) {
  if (header.interlace_method == SPNG_INTERLACE_NONE) {
    return {};
  }
  constexpr std::array<Columns, 7> kAdam7 = {{{0, 8}, {4, 8}, {0, 4}, {2, 4}, {0, 2}, {1, 2}, {0, 1}}};
  return kAdam7[static_cast<std::size_t>(pass)];
}

}  // namespace

Result<ImageInfo> probe_png(ByteView encoded, const DecodeLimits& limits) {
  FACEPIPE_ASSIGN(const OpenPng png, open_png(encoded, limits));
  constexpr std::size_t kRow = 16;  // two rows of the deepest samples
  return ImageInfo{ImageFormat::kPng, static_cast<int>(png.header.width), static_cast<int>(png.header.height), 1,
                   std::max(encoded.size(), kMaxMetadataBytes) + png.header.width * kRow};
}

Result<RgbImage> decode_png(ByteView encoded, const DecodeOptions& options) {
  FACEPIPE_ASSIGN(const OpenPng png, open_png(encoded, options.limits));
  spng_ctx* context = png.context.get();
  FACEPIPE_TRY(spng_status(spng_decode_image(context, nullptr, 0, SPNG_FMT_RAW, SPNG_DECODE_PROGRESSIVE)));
  spng_plte palette{};
  if (png.header.color_type == SPNG_COLOR_TYPE_INDEXED) {
    FACEPIPE_TRY(spng_status(spng_get_plte(context, &palette)));
  }
  const SampleConverter converter(png.header, palette);
  RgbImage picture(static_cast<int>(png.header.width), static_cast<int>(png.header.height));
  std::vector<std::uint8_t> scanline((png.header.width * converter.bits_per_pixel() + 7) / 8);
  for (int code = SPNG_OK; code != SPNG_EOI;) {
    spng_row_info row{};
    FACEPIPE_TRY(spng_status(spng_get_row_info(context, &row)));
    if (row.row_num % kRowsBetweenLooks == 0) {
      FACEPIPE_TRY(options.work.check(kDecodingWork));
    }
    code = spng_decode_scanline(context, scanline.data(), scanline.size());
    if (code != SPNG_OK && code != SPNG_EOI) {
      return decode_error(code);
    }
    const Columns columns = columns_of(png.header, row.pass);
    std::uint8_t* out = picture.row(static_cast<int>(row.row_num));
    std::size_t sample = 0;
    for (int x = columns.first; x < picture.width(); x += columns.step, ++sample) {
      const Rgb color = converter.pixel(scanline.data(), sample);
      std::copy_n(color.begin(), 3, out + static_cast<std::ptrdiff_t>(x) * 3);
    }
  }
  return picture;
}

Result<Bytes> encode_png(RgbView view, PngEffort effort) {
  if (view.empty()) {
    return Error{ErrorCode::kInvalidArgument, "encode_png: the picture is empty"};
  }
  const Context context(spng_ctx_new(SPNG_CTX_ENCODER));
  if (context == nullptr) {
    return Error{ErrorCode::kExhausted, "encode_png: out of memory"};
  }
  spng_ihdr header{};
  header.width = static_cast<std::uint32_t>(view.width);
  header.height = static_cast<std::uint32_t>(view.height);
  header.bit_depth = 8;
  header.color_type = SPNG_COLOR_TYPE_TRUECOLOR;
  int code = spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1);
  if (code == SPNG_OK && effort == PngEffort::kFast) {
    // Of faces: "up" alone is as small as the best of all filters, and the quickest to undo.
    code = spng_set_option(context.get(), SPNG_IMG_COMPRESSION_LEVEL, 1);
  }
  if (code == SPNG_OK && effort == PngEffort::kFast) {
    code = spng_set_option(context.get(), SPNG_FILTER_CHOICE, SPNG_FILTER_CHOICE_UP);
  }
  if (code == SPNG_OK) {
    code = spng_set_ihdr(context.get(), &header);
  }
  if (code == SPNG_OK) {
    code = spng_encode_image(context.get(), nullptr, 0, SPNG_FMT_PNG, SPNG_ENCODE_PROGRESSIVE | SPNG_ENCODE_FINALIZE);
  }
  for (int y = 0; y < view.height && code == SPNG_OK; ++y) {
    code = spng_encode_row(context.get(), view.row(y), static_cast<std::size_t>(view.width) * 3);
  }
  std::size_t size = 0;
  const std::unique_ptr<void, decltype(&std::free)> png(
      code == SPNG_EOI ? spng_get_png_buffer(context.get(), &size, &code) : nullptr, &std::free);
  if (png == nullptr) {
    return Error{code == SPNG_EMEM ? ErrorCode::kExhausted : ErrorCode::kInternal,
                 std::string("encode_png: ") + spng_strerror(code)};
  }
  return to_bytes({static_cast<const std::byte*>(png.get()), size});
}

}  // namespace facepipe::image
