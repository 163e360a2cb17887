// WebP to RGB pixels, by libwebp and libwebpdemux: lossy, lossless, and the first frame of an animation, drawn on a
// black canvas as Pillow shows it. Alpha is dropped. Tested by webp_test.cc.
#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "image/codec.h"

namespace facepipe::image {
namespace {

struct DemuxerDeleter {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};
using Demuxer = std::unique_ptr<WebPDemuxer, DemuxerDeleter>;

struct FrameReleaser {
  void operator()(WebPIterator* frame) const { WebPDemuxReleaseIterator(frame); }
};

WebPData webp_data(ByteView encoded) {
  return {as_uchar(encoded), encoded.size()};
}

Error decode_error(VP8StatusCode code) {
  switch (code) {
    case VP8_STATUS_OUT_OF_MEMORY:
      return {ErrorCode::kExhausted, "WebP: out of memory"};
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return {ErrorCode::kUnsupported, "WebP: a feature that libwebp does not decode"};
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      return {ErrorCode::kInvalidData, "WebP: the data ends before the picture does"};
    default:
      return {ErrorCode::kInvalidData, "WebP: corrupt picture data"};
  }
}

// The lossy decoder holds some rows. The lossless one holds all pixels in 4 bytes, and the codes of its groups of
// blocks: at most 65,536 groups, one for each 16 pixels, of 20 bits of the file and more, each with five tables of 1
// KiB. An animation (format 0) may hold either.
std::size_t codec_bytes(const WebPBitstreamFeatures& features, std::size_t file_bytes) {
  constexpr int kLossy = 1;
  constexpr std::size_t kRows = 128;  // bytes of each column
  constexpr std::size_t kPixel = 5;
  constexpr std::size_t kMaxGroups = 65'536;
  constexpr std::size_t kGroup = 5 * 1024;
  const auto width = static_cast<std::size_t>(features.width);
  const std::size_t pixels = width * static_cast<std::size_t>(features.height);
  if (features.format == kLossy) {
    return width * kRows;
  }
  return width * kRows + pixels * kPixel + std::min({kMaxGroups, pixels / 16, file_bytes / 5 * 2}) * kGroup;
}

}  // namespace

Result<ImageInfo> probe_webp(ByteView encoded, const DecodeLimits& limits) {
  WebPBitstreamFeatures features;
  const VP8StatusCode code = WebPGetFeatures(as_uchar(encoded), encoded.size(), &features);
  if (code != VP8_STATUS_OK) {
    return decode_error(code);
  }
  FACEPIPE_TRY(check_size(ImageFormat::kWebp, features.width, features.height, limits));
  return ImageInfo{ImageFormat::kWebp, features.width, features.height, 1, codec_bytes(features, encoded.size())};
}

Result<RgbImage> decode_webp(ByteView encoded, const DecodeOptions& options) {
  FACEPIPE_TRY(options.work.check(kDecodingWork));
  FACEPIPE_ASSIGN(const ImageInfo info, probe_webp(encoded, options.limits));
  const WebPData data = webp_data(encoded);
  WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
  const Demuxer demuxer(WebPDemuxPartial(&data, &state));
  if (demuxer == nullptr || state != WEBP_DEMUX_DONE) {
    return decode_error(state == WEBP_DEMUX_PARSE_ERROR ? VP8_STATUS_BITSTREAM_ERROR : VP8_STATUS_NOT_ENOUGH_DATA);
  }
  WebPIterator frame{};
  if (WebPDemuxGetFrame(demuxer.get(), 1, &frame) == 0) {
    return Error{ErrorCode::kInvalidData, "WebP: no frame in the file"};
  }
  const std::unique_ptr<WebPIterator, FrameReleaser> release(&frame);
  // The demuxer has checked that frames lie within the canvas; the pixels are written where it says, so look again.
  if (frame.x_offset < 0 || frame.y_offset < 0 || frame.width < 1 || frame.height < 1 ||
      frame.width > info.width - frame.x_offset || frame.height > info.height - frame.y_offset) {
    return Error{ErrorCode::kInvalidData, "WebP: a frame reaches past the canvas"};
  }
  RgbImage picture(info.width, info.height);
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) {
    return Error{ErrorCode::kInternal, "WebP: libwebp is of another version than its headers"};
  }
  config.output.colorspace = MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = picture.row(frame.y_offset) + static_cast<std::ptrdiff_t>(frame.x_offset) * 3;
  config.output.u.RGBA.stride = static_cast<int>(picture.stride_bytes());
  config.output.u.RGBA.size =
      picture.stride_bytes() * static_cast<std::size_t>(frame.height - 1) + static_cast<std::size_t>(frame.width) * 3;
  const VP8StatusCode code = WebPDecode(frame.fragment.bytes, frame.fragment.size, &config);
  WebPFreeDecBuffer(&config.output);
  if (code != VP8_STATUS_OK) {
    return decode_error(code);
  }
  return picture;
}

}  // namespace facepipe::image
