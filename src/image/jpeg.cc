// JPEG (ITU-T T.81) to RGB pixels and back, by libjpeg-turbo.
//
// The settings are Pillow's, so that the pixels are too: accurate integer DCT, fancy chroma upsampling, the library's
// own colour conversion. Damage is treated as Pillow does: what libjpeg warns about and recovers from (stray bytes, bad
// Huffman codes, wrong restart markers) does not fail the picture; missing data does, up to the end marker: the entropy
// decoder reads ahead, so a picture whose end marker alone is cut off is refused too.
//
// libjpeg reports errors by longjmp. Every call into it goes through guarded(), whose frame, like the calls it is
// given, holds nothing with a destructor.
// Tested by jpeg_test.cc.
#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

// clang-format off: jpeglib.h needs <cstdio> before it, jerror.h needs jpeglib.h
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include "image/codec.h"
#include "image/encode.h"

namespace facepipe::image {
namespace {

// A progressive file may repeat scans without end, and each visits every block. Encoders in use write about ten.
constexpr int kMaxScans = 100;

// Where libjpeg's error handler jumps to. The codec's client_data points here.
struct ErrorTrap {
  jpeg_error_mgr manager;
  std::jmp_buf jump;
  bool too_many_scans;
  const WorkLimit* work;  // none for a compressor
};

extern "C" {
[[noreturn]] static void fail(j_common_ptr codec) {
  std::longjmp(static_cast<ErrorTrap*>(codec->client_data)->jump, 1);
}

static void ignore_message(j_common_ptr /*codec*/) {}

static void limit_work(j_common_ptr codec) {
  if (reinterpret_cast<j_decompress_ptr>(codec)->input_scan_number > kMaxScans) {
    static_cast<ErrorTrap*>(codec->client_data)->too_many_scans = true;
    fail(codec);
  }
  // Called for every row of blocks of every scan, and for every row of pixels.
  if (static_cast<ErrorTrap*>(codec->client_data)->work->reached()) {
    fail(codec);
  }
}

static void source_nothing(j_decompress_ptr /*codec*/) {}

// All bytes are there from the start: when they are used up, the library suspends and the caller sees a truncated file.
static boolean source_end(j_decompress_ptr /*codec*/) {
  return FALSE;
}

static void source_skip(j_decompress_ptr codec, long count) {
  jpeg_source_mgr& source = *codec->src;
  const std::size_t skipped = std::min(static_cast<std::size_t>(std::max(count, 0L)), source.bytes_in_buffer);
  source.next_input_byte += skipped;
  source.bytes_in_buffer -= skipped;
}
}  // extern "C"

// Runs `call`; false if libjpeg gave up inside it.
template <typename Call>
[[gnu::noinline]] bool guarded(ErrorTrap& trap, Call call) {
  static_assert(std::is_trivially_destructible_v<Call>);
  if (setjmp(trap.jump) != 0) {
    return false;
  }
  call();
  return true;
}

void install(ErrorTrap& trap) {
  jpeg_std_error(&trap.manager);
  trap.manager.error_exit = fail;
  trap.manager.output_message = ignore_message;
}

// libjpeg's words for its last error: numbers and names of its own, never picture data.
std::string library_message(j_common_ptr codec) {
  char text[JMSG_LENGTH_MAX] = {};
  codec->err->format_message(codec, text);
  return text;
}

class Decompressor {
 public:
  // `work` outlives it.
  Decompressor(ByteView encoded, const WorkLimit& work) {
    install(trap_);
    trap_.work = &work;
    codec_.err = &trap_.manager;
    codec_.client_data = &trap_;
    source_.init_source = source_nothing;
    source_.fill_input_buffer = source_end;
    source_.skip_input_data = source_skip;
    source_.resync_to_restart = jpeg_resync_to_restart;
    source_.term_source = source_nothing;
    source_.next_input_byte = as_uchar(encoded);
    source_.bytes_in_buffer = encoded.size();
    progress_.progress_monitor = limit_work;
  }
  ~Decompressor() { jpeg_destroy_decompress(&codec_); }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  // Up to the first scan: size, components and colour space are known after it.
  Status read_header() {
    int outcome = JPEG_SUSPENDED;
    const bool done = guarded(trap_, [this, &outcome] {
      jpeg_create_decompress(&codec_);
      codec_.src = &source_;
      codec_.progress = &progress_;
      do {
        outcome = jpeg_read_header(&codec_, FALSE);
      } while (outcome == JPEG_HEADER_TABLES_ONLY);
    });
    return outcome_of(done, outcome == JPEG_HEADER_OK);
  }

  // Asks for `space` and decodes up to the first row.
  Status start(J_COLOR_SPACE space) {
    bool complete = false;
    const bool done = guarded(trap_, [this, space, &complete] {
      codec_.out_color_space = space;
      complete = jpeg_start_decompress(&codec_) != FALSE;
    });
    return outcome_of(done, complete);
  }

  Status read_row(std::uint8_t* row) {
    JDIMENSION rows = 0;
    const bool done = guarded(trap_, [this, row, &rows] {
      JSAMPROW target = row;
      rows = jpeg_read_scanlines(&codec_, &target, 1);
    });
    return outcome_of(done, rows == 1);
  }

  // Reads on to the end marker, all rows being there; suspension for want of bytes is no error any more.
  Status finish() {
    return outcome_of(guarded(trap_, [this] { jpeg_finish_decompress(&codec_); }), true);
  }

  [[nodiscard]] std::int64_t width() const { return codec_.image_width; }
  [[nodiscard]] std::int64_t height() const { return codec_.image_height; }
  [[nodiscard]] int components() const { return codec_.num_components; }
  // Besides the picture: rows, and where the file has several scans the coefficients of all blocks. After the header.
  [[nodiscard]] std::size_t codec_bytes() {
    constexpr std::size_t kRows = 512;  // bytes of each column
    std::size_t bytes = codec_.image_width * kRows;
    if (jpeg_has_multiple_scans(&codec_) == FALSE) {
      return bytes;
    }
    for (int i = 0; i < codec_.num_components; ++i) {
      const jpeg_component_info& component = codec_.comp_info[i];
      const auto columns = component.width_in_blocks + static_cast<std::size_t>(component.h_samp_factor);
      const auto rows = component.height_in_blocks + static_cast<std::size_t>(component.v_samp_factor);
      bytes += columns * rows * sizeof(JBLOCK);
    }
    return bytes;
  }

 private:
  Status outcome_of(bool done, bool complete) {
    if (done) {
      return complete ? Status{} : Error{ErrorCode::kInvalidData, "JPEG: the data ends before the picture does"};
    }
    if (trap_.too_many_scans) {
      return Error{ErrorCode::kTooLarge, "JPEG: more than " + std::to_string(kMaxScans) + " progressive scans"};
    }
    FACEPIPE_TRY(trap_.work->check(kDecodingWork));
    const std::string message = "JPEG: " + library_message(reinterpret_cast<j_common_ptr>(&codec_));
    switch (trap_.manager.msg_code) {
      case JERR_BAD_PRECISION:    // 12-bit and other sample sizes
      case JERR_SOF_UNSUPPORTED:  // lossless and hierarchical processes
      case JERR_ARITH_NOTIMPL:
      case JERR_CONVERSION_NOTIMPL:
      case JERR_FRACT_SAMPLE_NOTIMPL:
      case JERR_CCIR601_NOTIMPL:
        return Error{ErrorCode::kUnsupported, message};
      case JERR_IMAGE_TOO_BIG:
      case JERR_WIDTH_OVERFLOW:
        return Error{ErrorCode::kTooLarge, message};
      case JERR_OUT_OF_MEMORY:
        return Error{ErrorCode::kExhausted, message};
      default:
        return Error{ErrorCode::kInvalidData, message};
    }
  }

  ErrorTrap trap_{};
  jpeg_source_mgr source_{};
  jpeg_progress_mgr progress_{};
  jpeg_decompress_struct codec_{};
};

Status check_header(const Decompressor& jpeg, const DecodeLimits& limits) {
  FACEPIPE_TRY(check_size(ImageFormat::kJpeg, jpeg.width(), jpeg.height(), limits));
  if (jpeg.components() != 1 && jpeg.components() != 3 && jpeg.components() != 4) {
    return Error{ErrorCode::kUnsupported,
                 "JPEG: expected 1, 3 or 4 colour components, got " + std::to_string(jpeg.components())};
  }
  return {};
}

// round(a * b / 255) for 0..255, as Pillow computes it.
int scale_255(int a, int b) {
  const int product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

// Pillow takes every CMYK JPEG for an inverted one (Adobe's habit; there are hardly any others), so the samples are
// already 255 - ink.
void inverted_cmyk_to_rgb(const std::uint8_t* cmyk, int width, std::uint8_t* rgb) {
  for (int x = 0; x < width; ++x) {
    const int white = cmyk[4 * x + 3];
    for (int c = 0; c < 3; ++c) {
      rgb[3 * x + c] = static_cast<std::uint8_t>(white - scale_255(255 - cmyk[4 * x + c], white));
    }
  }
}

class Compressor {
 public:
  Compressor() {
    install(trap_);
    codec_.err = &trap_.manager;
    codec_.client_data = &trap_;
  }
  ~Compressor() {
    jpeg_destroy_compress(&codec_);
    std::free(buffer_);
  }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  // False: library_message() says why.
  bool run(RgbView view, int quality, ChromaSampling sampling) {
    return guarded(trap_, [this, view, quality, sampling] {
      jpeg_create_compress(&codec_);
      jpeg_mem_dest(&codec_, &buffer_, &size_);
      codec_.image_width = static_cast<JDIMENSION>(view.width);
      codec_.image_height = static_cast<JDIMENSION>(view.height);
      codec_.input_components = 3;
      codec_.in_color_space = JCS_RGB;
      jpeg_set_defaults(&codec_);
      jpeg_set_quality(&codec_, quality, TRUE);
      const int luma_factor = sampling == ChromaSampling::k420 ? 2 : 1;
      codec_.comp_info[0].h_samp_factor = luma_factor;
      codec_.comp_info[0].v_samp_factor = luma_factor;
      jpeg_start_compress(&codec_, TRUE);
      while (codec_.next_scanline < codec_.image_height) {
        // The library takes rows to be writable but only reads them.
        JSAMPROW row = const_cast<JSAMPROW>(view.row(static_cast<int>(codec_.next_scanline)));
        jpeg_write_scanlines(&codec_, &row, 1);
      }
      jpeg_finish_compress(&codec_);
    });
  }

  [[nodiscard]] ByteView bytes() const { return std::as_bytes(std::span<const unsigned char>(buffer_, size_)); }
  [[nodiscard]] std::string message() { return library_message(reinterpret_cast<j_common_ptr>(&codec_)); }

 private:
  ErrorTrap trap_{};
  jpeg_compress_struct codec_{};
  unsigned char* buffer_ = nullptr;  // malloc'ed by jpeg_mem_dest
  unsigned long size_ = 0;           // NOLINT(google-runtime-int): libjpeg's type
};

}  // namespace

Result<ImageInfo> probe_jpeg(ByteView encoded, const DecodeLimits& limits) {
  const WorkLimit none;
  Decompressor jpeg(encoded, none);
  FACEPIPE_TRY(jpeg.read_header());
  FACEPIPE_TRY(check_header(jpeg, limits));
  return ImageInfo{ImageFormat::kJpeg, static_cast<int>(jpeg.width()), static_cast<int>(jpeg.height()), 1,
                   jpeg.codec_bytes()};
}

Result<RgbImage> decode_jpeg(ByteView encoded, const DecodeOptions& options) {
  Decompressor jpeg(encoded, options.work);
  FACEPIPE_TRY(jpeg.read_header());
  FACEPIPE_TRY(check_header(jpeg, options.limits));
  const bool cmyk = jpeg.components() == 4;
  FACEPIPE_TRY(jpeg.start(cmyk ? JCS_CMYK : JCS_RGB));
  RgbImage picture(static_cast<int>(jpeg.width()), static_cast<int>(jpeg.height()));
  std::vector<std::uint8_t> cmyk_row(cmyk ? static_cast<std::size_t>(picture.width()) * 4 : 0);
  for (int y = 0; y < picture.height(); ++y) {
    FACEPIPE_TRY(jpeg.read_row(cmyk ? cmyk_row.data() : picture.row(y)));
    if (cmyk) {
      inverted_cmyk_to_rgb(cmyk_row.data(), picture.width(), picture.row(y));
    }
  }
  FACEPIPE_TRY(jpeg.finish());
  return picture;
}

Result<Bytes> encode_jpeg(RgbView view, int quality, ChromaSampling sampling) {
  if (view.empty() || view.width > JPEG_MAX_DIMENSION || view.height > JPEG_MAX_DIMENSION) {
    return Error{ErrorCode::kInvalidArgument, "encode_jpeg: expected sides of 1.." +
                                                  std::to_string(JPEG_MAX_DIMENSION) + " px, got " +
                                                  std::to_string(view.width) + "x" + std::to_string(view.height)};
  }
  if (quality < 1 || quality > 100) {
    return Error{ErrorCode::kInvalidArgument,
                 "encode_jpeg: expected a quality of 1..100, got " + std::to_string(quality)};
  }
  Compressor jpeg;
  if (!jpeg.run(view, quality, sampling)) {
    return Error{ErrorCode::kInternal, "encode_jpeg: " + jpeg.message()};
  }
  return to_bytes(jpeg.bytes());
}

}  // namespace facepipe::image
