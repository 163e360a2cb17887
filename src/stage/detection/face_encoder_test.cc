#include "stage/detection/face_encoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "embed/crop.h"
#include "embed/landmarks.h"
#include "image/decode.h"

namespace facepipe::stage {
namespace {

image::RgbImage noise(int width, int height) {
  std::mt19937 random(4);  // NOLINT: a fixed seed, so that a failure repeats
  image::RgbImage picture(width, height);
  for (int y = 0; y < height; ++y) {
    std::generate_n(picture.row(y), picture.stride_bytes(), [&] { return static_cast<std::uint8_t>(random()); });
  }
  return picture;
}

// Without landmarks of a face.
detect::Face face_at(const image::Box& box) {
  return {box, 1, {}};
}

wire::FaceMessage message() {
  wire::FaceMessage message;
  message.request_id = "r1";
  return message;
}

image::RgbImage decoded(const wire::FaceMessage& message) {
  auto picture = image::decode_image(message.face);
  EXPECT_TRUE(picture) << picture.error().message;
  return *std::move(picture);
}

TEST(EncodeFace, SourceCropCarriesItsBox) {
  const image::RgbImage frame = noise(300, 200);
  wire::FaceMessage sent = message();
  ASSERT_TRUE(encode_face(frame.view(), face_at({100, 50, 200, 130}), {}, sent));
  EXPECT_EQ(sent.crop, "source");
  EXPECT_EQ(sent.crop_box, (image::Box{20, 20, 120, 100}));
  const image::RgbImage crop = decoded(sent);
  EXPECT_EQ(crop.width(), 140);
  EXPECT_EQ(crop.height(), 120);
}

TEST(EncodeFace, ASmallSourceCropLosesNothing) {
  const image::RgbImage frame = noise(300, 200);
  wire::FaceMessage sent = message();
  ASSERT_TRUE(encode_face(frame.view(), face_at({100, 50, 200, 130}), {}, sent));
  EXPECT_EQ(decoded(sent).pixels(), image::RgbImage::clone(frame.view().crop({80, 30, 220, 150})).pixels());
}

TEST(EncodeFace, ALargeOrLongLosslessCropIsJpeg) {
  const image::RgbImage frame = noise(300, 200);
  const detect::Face face = face_at({100, 50, 200, 130});
  wire::FaceMessage lossless = message();
  ASSERT_TRUE(encode_face(frame.view(), face, {}, lossless));
  const std::size_t pixels = 140 * 120;
  FaceEncoding fewer_pixels;
  fewer_pixels.lossless_pixels = static_cast<int>(pixels) - 1;
  FaceEncoding fewer_bytes;
  fewer_bytes.lossless_bytes = lossless.face.size() - 1;
  FaceEncoding shorter;
  shorter.max_message_bytes = wire::to_json(lossless).size() - 1;
  for (const FaceEncoding& encoding : {fewer_pixels, fewer_bytes, shorter}) {
    wire::FaceMessage sent = message();
    ASSERT_TRUE(encode_face(frame.view(), face, encoding, sent));
    EXPECT_EQ(image::probe_image(sent.face, {}).value().format, image::ImageFormat::kJpeg);
    EXPECT_EQ(sent.crop_box, lossless.crop_box);
  }
  FaceEncoding as_large;
  as_large.lossless_pixels = static_cast<int>(pixels);
  as_large.lossless_bytes = lossless.face.size();
  as_large.max_message_bytes = wire::to_json(lossless).size();
  wire::FaceMessage sent = message();
  ASSERT_TRUE(encode_face(frame.view(), face, as_large, sent));
  EXPECT_EQ(sent.face, lossless.face);
}

TEST(EncodeFace, ATurnedFacesCropHoldsItsAlignedPicture) {
  const image::RgbImage frame = noise(600, 500);
  const detect::Face face{{200, 200, 290, 310}, 1, {{{275, 215}, {280, 262}, {248, 240}, {212, 222}, {217, 262}}}};
  wire::FaceMessage upright = message();
  ASSERT_TRUE(encode_face(frame.view(), face_at(face.box), {}, upright));
  wire::FaceMessage turned = message();
  ASSERT_TRUE(encode_face(frame.view(), face, {}, turned));
  const auto part = embed::aligned_part(face.box, face.landmarks);
  ASSERT_TRUE(part);
  const double left = static_cast<double>(face.box.x1 - turned.crop_box->x1);
  EXPECT_LE(left, part->left);
  EXPECT_GE(left + decoded(turned).width(), part->right);
  EXPECT_GT(decoded(turned).width(), decoded(upright).width());
}

TEST(EncodeFace, ClassicCropIsTheOriginals) {
  const image::RgbImage frame = noise(300, 200);
  wire::FaceMessage sent = message();
  FaceEncoding encoding;
  encoding.crop = CropStyle::kClassic;
  ASSERT_TRUE(encode_face(frame.view(), face_at({100, 50, 200, 130}), encoding, sent));
  EXPECT_EQ(sent.crop, "classic");
  EXPECT_FALSE(sent.crop_box);
  const image::RgbImage crop = decoded(sent);
  const image::RgbImage expected =
      embed::make_crop(frame.view(), {100, 50, 200, 130}, model::known_mode("classic").value());
  ASSERT_EQ(crop.width(), 240);
  ASSERT_EQ(crop.height(), 240);
  int worst = 0;
  for (std::size_t i = 0; i < crop.pixels().size(); ++i) {
    worst = std::max(worst, std::abs(crop.pixels()[i] - expected.pixels()[i]));
  }
  EXPECT_LE(worst, 24);  // of JPEG at quality 95 on noise
}

TEST(EncodeFace, AMessageThatDoesNotFitIsMadeSmaller) {
  const image::RgbImage frame = noise(600, 600);
  const image::Box box{100, 100, 500, 500};
  wire::FaceMessage full = message();
  ASSERT_TRUE(encode_face(frame.view(), face_at(box), {}, full));
  const std::size_t full_bytes = wire::to_json(full).size();
  EXPECT_EQ(decoded(full).width(), 512);
  std::size_t last = full_bytes;
  int last_side = 512;
  for (const std::size_t limit : {full_bytes - 1, full_bytes / 2, full_bytes / 4, full_bytes / 20}) {
    FaceEncoding encoding;
    encoding.max_message_bytes = limit;
    wire::FaceMessage small = message();
    ASSERT_TRUE(encode_face(frame.view(), face_at(box), encoding, small)) << limit;
    const std::size_t bytes = wire::to_json(small).size();
    EXPECT_LE(bytes, limit);
    EXPECT_LT(bytes, last);
    const int side = decoded(small).width();
    EXPECT_LE(side, last_side);
    ASSERT_TRUE(small.crop_box);
    EXPECT_NEAR(small.crop_box->width() / static_cast<float>(side), 400.0F / 560.0F, 0.01);  // the box shrinks along
    last = bytes;
    last_side = side;
  }
  EXPECT_LT(last_side, 300);
}

TEST(EncodeFace, WhatCannotFitIsRefusedByName) {
  const image::RgbImage frame = noise(600, 600);
  for (const CropStyle style : {CropStyle::kSource, CropStyle::kClassic}) {
    FaceEncoding encoding;
    encoding.crop = style;
    encoding.max_message_bytes = 1000;
    wire::FaceMessage sent = message();
    const Status status = encode_face(frame.view(), face_at({100, 100, 500, 500}), encoding, sent);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kTooLarge);
    EXPECT_EQ(status.error().message, "no encoding of the face fits a message of 1000 bytes");
  }
}

TEST(EncodeFace, ABoxBesideTheFrameIsRefused) {
  const image::RgbImage frame = noise(20, 20);
  wire::FaceMessage sent = message();
  EXPECT_EQ(encode_face(frame.view(), face_at({30, 0, 40, 20}), {}, sent).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace facepipe::stage
