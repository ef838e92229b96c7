#include "io/data/resize.h"

#include "tests/io/data_files.h"

namespace {

using data_files::patternImage;

std::string hashOf(const io::Image& image)
{
    return io::sha256({reinterpret_cast<const char*>(image.pixels.data()), image.pixels.size()})
        .substr(0, 16);
}

// All numbers of this file are what Pillow 9.4 gives for
// Image.fromarray(pattern).resize(size, Image.BILINEAR, box=box), hashes being SHA-256 of the pixels.

TEST(Resize, ShrinksLikePillow)
{
    EXPECT_EQ(io::resizeBilinear(patternImage(7, 5), {3, 2}).pixels,
              (std::vector<std::uint8_t>{94, 123, 123, 121, 150, 128, 121, 150, 125, 117, 146, 95, 108, 137,
                                         131, 112, 141, 110}));
}

TEST(Resize, ResamplesABoxWithFractionalCornersDirectly)
{
    EXPECT_EQ(io::resizeBilinear(patternImage(7, 5), {3, 2}, {0.4375f, 0.3125f, 6.5625f, 4.6875f}).pixels,
              (std::vector<std::uint8_t>{101, 130, 128, 123, 152, 123, 116, 145, 125, 114, 143, 93, 106, 135,
                                         141, 114, 143, 107}));
}

TEST(Resize, EveryMixOfPassesEqualsPillow)
{
    const io::Image image = patternImage(61, 43);
    EXPECT_EQ(hashOf(io::resizeBilinear(patternImage(7, 5), {9, 6})), "3a53a4d81ae7d67d");
    EXPECT_EQ(hashOf(io::resizeBilinear(image, {17, 11})), "b6686a6763c0698f");
    EXPECT_EQ(hashOf(io::resizeBilinear(image, {61, 20})), "17b24e9cf0c53255"); // vertical pass only
    EXPECT_EQ(hashOf(io::resizeBilinear(image, {20, 43})), "49e8644ea15c4a4e"); // horizontal pass only
    EXPECT_EQ(hashOf(io::resizeBilinear(image, {97, 80})), "24fddf8796f78448");
    EXPECT_EQ(hashOf(io::resizeBilinear(image, {16, 16}, {3.8125f, 2.6875f, 57.1875f, 40.3125f})),
              "25c9fe933087a105");
    EXPECT_EQ(hashOf(io::resizeBilinear(image, {48, 36}, {0.5f, 0, 61, 43})), "ccab92e8c48a35e9");
}

TEST(Resize, SameSizeCopies)
{
    EXPECT_EQ(io::resizeBilinear(patternImage(7, 5), {7, 5}), patternImage(7, 5));
}

TEST(Resize, OneChannelEqualsTheFirstOfThree)
{
    const io::Image three = io::resizeBilinear(patternImage(31, 29, 3), {10, 10});
    const io::Image one = io::resizeBilinear(patternImage(31, 29, 1), {10, 10});
    for (std::size_t i = 0; i < one.pixels.size(); ++i) {
        ASSERT_EQ(one.pixels[i], three.pixels[3 * i]);
    }
}

TEST(Resize, CropTakesTheNamedPixels)
{
    const io::Image part = io::crop(patternImage(5, 4), 2, 1, {2, 2});
    EXPECT_EQ(part.width, 2);
    EXPECT_EQ(part.pixels.front(), static_cast<std::uint8_t>(2 * 37 + 1 * 71 + 2 * 1 * 13));
    EXPECT_EQ(part.pixels.back(), static_cast<std::uint8_t>(3 * 37 + 2 * 71 + 2 * 29 + 3 * 2 * 13));
}

TEST(Resize, PhotographsEqualPillowFromFileToPixels)
{
    // Decoded by Pillow 9.4 on libjpeg-turbo 2.1.5; the box is the central fraction 0.875.
    struct Expected
    {
        const char* file;
        const char* decoded;
        const char* resized;
    };
    for (const Expected& expected :
         {Expected{"imagenet_eval_300/n01440764_tench.jpg", "68d779c736639358", "9f44a6766f47dd49"},
          Expected{"ocr_images/cn-02.jpg", "30135bbed2a51e57", "c53a2eb771517a80"}, // progressive
          Expected{"ocr_lines/line_00.png", "2429e69e4b050108", "638ffb9834dec141"},
          Expected{"face_images/1.jpg", "920b67c9c9a60969", "cb0098a7c5a6d668"}}) {
        NOISEFLOOR_SHARED_FILE_OR_SKIP(path, std::string("data/") + expected.file);
        const io::Image image = io::decodeImage(path);
        EXPECT_EQ(hashOf(image), expected.decoded) << expected.file;
        const auto w = static_cast<float>(image.width);
        const auto h = static_cast<float>(image.height);
        const io::ImageBox box{w * 0.0625f, h * 0.0625f, w * 0.9375f, h * 0.9375f};
        EXPECT_EQ(hashOf(io::resizeBilinear(image, {224, 224}, box)), expected.resized) << expected.file;
    }
}

} // namespace
