#include "io/data/image.h"

#include "tests/io/data_files.h"

namespace {

using testing::HasSubstr;

// Six pixels, written by Pillow 9.4 in each of the forms below.
const io::Image kPixels{3, 2, 3, {0, 0, 0, 100, 0, 10, 200, 0, 20, 0, 200, 1, 100, 200, 11, 200, 200, 21}};

constexpr const char* kRgbPng =
    "89504e470d0a1a0a0000000d49484452000000030000000208020000001216f14d0000001c49444154789c6360"
    "60604861e03ac120c2c2708291818191818111001858021afb00e6120000000049454e44ae426082";
constexpr const char* kGrayPng =
    "89504e470d0a1a0a0000000d4948445200000003000000020800000000b81f39c60000001049444154789c6364"
    "9097672c93970700032800f563f6a7560000000049454e44ae426082";
constexpr const char* kPalettePng =
    "89504e470d0a1a0a0000000d49484452000000030000000204030000006f5a7b2900000012504c5445c8c81564"
    "c80b00c801c8001464000a00000038dea8ed0000000e49444154789c630831605064000002ac00a6899552f900"
    "00000049454e44ae426082";
constexpr const char* kAlphaPng =
    "89504e470d0a1a0a0000000d49484452000000030000000208060000009d74661a0000001d49444154789c6360"
    "6060604f61e0623fc120c2cec2708291818101820121d8022f07ce3b370000000049454e44ae426082";
constexpr const char* kJpeg =
    "ffd8ffe000104a46494600010100000100010000ffdb0043000302020302020303030304030304050805050404"
    "050a070706080c0a0c0c0b0a0b0b0d0e12100d0e110e0b0b1016101113141515150c0f171816141812141514ff"
    "db00430103040405040509050509140d0b0d141414141414141414141414141414141414141414141414141414"
    "1414141414141414141414141414141414141414141414ffc00011080002000303012200021101031101ffc400"
    "1500010100000000000000000000000000000007ffc4001f100001030305000000000000000000000000010506"
    "0307162633455162ffc4001501010100000000000000000000000000000708ffc4001e11000004070000000000"
    "0000000000000000010203040533357173b2ffda000c03010002110311003f00a240ad6c330e6ad22c3b29c651"
    "ed7c8009b5eaaac987e92db2175a3921ffd9";

std::string fromHex(std::string_view hex)
{
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    }
    return bytes;
}

TEST(Image, PngOfEveryKindBecomesRgb)
{
    EXPECT_EQ(io::decodePng(fromHex(kRgbPng), "a.png"), kPixels);
    EXPECT_EQ(io::decodePng(fromHex(kPalettePng), "a.png"), kPixels);
    EXPECT_EQ(io::decodePng(fromHex(kAlphaPng), "a.png"), kPixels); // nearly transparent: alpha is dropped
    EXPECT_EQ(io::decodePng(fromHex(kGrayPng), "a.png").pixels,
              (std::vector<std::uint8_t>{0, 0, 0, 31, 31, 31, 62, 62, 62, 118, 118, 118, 149, 149, 149, 180,
                                         180, 180}));
}

TEST(Image, JpegDecodesAsPillowDoes)
{
    // Chroma is subsampled, so these pixels tell fancy upsampling and the accurate DCT from the plain and
    // fast ones.
    EXPECT_EQ(
        io::decodeJpeg(fromHex(kJpeg), "a.jpg").pixels,
        (std::vector<std::uint8_t>{0, 28, 0, 3, 57, 0, 144, 41, 0, 91, 145, 49, 121, 175, 79, 255, 158, 81}));
}

TEST(Image, BmpRowsRunUpwards)
{
    EXPECT_EQ(io::decodeBmp(data_files::bmpBytes(kPixels), "a.bmp"), kPixels);
    const io::Image wide = data_files::patternImage(13, 9);
    EXPECT_EQ(io::decodeBmp(data_files::bmpBytes(wide), "a.bmp"), wide);
}

TEST(Image, ToldByContentNotByName)
{
    const auto folder = data_files::freshFolder();
    EXPECT_EQ(io::decodeImage(data_files::write(folder / "really_a_png.jpg", fromHex(kRgbPng))), kPixels);
    const auto text = data_files::write(folder / "text.png", "hello");
    EXPECT_THAT(data_files::messageOf([&] { (void)io::decodeImage(text); }),
                HasSubstr("text.png: not a JPEG, PNG or BMP"));
}

TEST(Image, EveryTruncationIsAnErrorThatNamesTheFile)
{
    // The last 12 bytes of a PNG (its end mark) and 2 of a JPEG carry no pixels, but their absence shows the
    // cut too.
    const std::string png = fromHex(kRgbPng);
    for (std::size_t size = 4; size < png.size(); ++size) {
        EXPECT_THAT(data_files::messageOf([&] { (void)io::decodePng(png.substr(0, size), "cut.png"); }),
                    HasSubstr("cut.png"));
    }
    const std::string jpeg = fromHex(kJpeg);
    for (std::size_t size = 3; size < jpeg.size(); ++size) {
        EXPECT_THAT(data_files::messageOf([&] { (void)io::decodeJpeg(jpeg.substr(0, size), "cut.jpg"); }),
                    HasSubstr("cut.jpg"))
            << size;
    }
    const std::string bmp = data_files::bmpBytes(kPixels);
    for (std::size_t size = 2; size < bmp.size() - 3; ++size) { // three bytes of padding end the last row
        EXPECT_THAT(data_files::messageOf([&] { (void)io::decodeBmp(bmp.substr(0, size), "cut.bmp"); }),
                    HasSubstr("cut.bmp"));
    }
}

TEST(Image, HugeDeclaredSizeTakesNoMemory)
{
    std::string bmp = data_files::bmpBytes(kPixels);
    bmp.replace(18, 8, std::string("\xff\xff\xff\x7f\xff\xff\xff\x7f", 8));
    EXPECT_THAT(data_files::messageOf([&] { (void)io::decodeBmp(bmp, "a.bmp"); }),
                HasSubstr("2147483647x2147483647"));
}

TEST(Image, ThumbnailKeepsTheAspect)
{
    const core::Picture picture = io::thumbnail(data_files::patternImage(512, 256));
    EXPECT_EQ(picture.width, 128);
    EXPECT_EQ(picture.height, 64);
    EXPECT_EQ(picture.rgb.size(), 128u * 64 * 3);
    EXPECT_EQ(io::thumbnail(kPixels).rgb, kPixels.pixels); // never enlarged
    EXPECT_EQ(io::thumbnail(data_files::patternImage(4, 4, 1)).rgb.size(), 4u * 4 * 3);
}

} // namespace
