#include "io/data/array_file.h"

#include "tests/io/data_files.h"

#include <atomic>
#include <hdf5.h>
#include <thread>
#include <zip.h>

namespace {

using data_files::freshFolder;
using data_files::messageOf;
using data_files::npyBytes;
using testing::HasSubstr;
namespace fs = std::filesystem;

const std::vector<float> kValues{0, 1, 2, 3, 4, 5};

void writeZip(const fs::path& path, const std::map<std::string, std::string>& members)
{
    int code = 0;
    zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
    for (const auto& [name, content] : members) {
        zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
        zip_file_add(archive, name.c_str(), source, ZIP_FL_OVERWRITE);
    }
    ASSERT_EQ(zip_close(archive), 0);
}

/// One chunked, packed dataset of uint8 that counts up.
void writeHdf5(const fs::path& path, const char* dataset, std::vector<hsize_t> shape)
{
    hsize_t count = 1;
    for (const hsize_t d : shape) {
        count *= d;
    }
    std::vector<std::uint8_t> values(count);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<std::uint8_t>(i * 7);
    }
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t create = H5Pcreate(H5P_DATASET_CREATE);
    std::vector<hsize_t> chunk = shape;
    chunk.front() = 2;
    H5Pset_chunk(create, static_cast<int>(chunk.size()), chunk.data());
    H5Pset_deflate(create, 4);
    const hid_t set = H5Dcreate2(file, dataset, H5T_STD_U8LE, space, H5P_DEFAULT, create, H5P_DEFAULT);
    ASSERT_GE(H5Dwrite(set, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
    H5Dclose(set);
    H5Pclose(create);
    H5Sclose(space);
    H5Fclose(file);
}

TEST(Npy, ReadsSlices)
{
    const auto path =
        data_files::write(freshFolder() / "a.npy", npyBytes("<f4", "(3, 2)", data_files::bytesOf(kValues)));
    const auto array = io::openNpy(path);
    EXPECT_EQ(array->shape(), (core::Shape{3, 2}));
    EXPECT_EQ(array->type(), core::DataType::Float32);
    const core::Tensor slice = array->read(1, 2);
    EXPECT_EQ(slice.shape(), (core::Shape{2, 2}));
    EXPECT_THAT(slice.as<float>(), testing::ElementsAre(2, 3, 4, 5));
}

TEST(Npy, EveryTruncationIsAnError)
{
    const auto path =
        data_files::write(freshFolder() / "a.npy", npyBytes("<f4", "(3, 2)", data_files::bytesOf(kValues)));
    const auto whole = fs::file_size(path);
    for (std::size_t size = 0; size < whole; size += size < 12 ? 1 : 7) {
        const auto cut = data_files::truncated(path, size);
        EXPECT_THAT(messageOf([&] { (void)io::openNpy(cut); }), HasSubstr("cut_a.npy"));
    }
    EXPECT_THAT(messageOf([&] { (void)io::openNpy(data_files::truncated(path, whole - 1)); }),
                HasSubstr("truncated: the shape 3x2 needs 24 bytes, the file has 23"));
}

TEST(Npy, HugeDeclaredShapeTakesNoMemory)
{
    const auto folder = freshFolder();
    const auto huge =
        data_files::write(folder / "huge.npy", npyBytes("<f4", "(1000000, 1000, 1000)", "1234"));
    EXPECT_THAT(messageOf([&] { (void)io::openNpy(huge); }),
                HasSubstr("truncated: the shape 1000000x1000x1000"));
    const auto overflow = data_files::write(folder / "over.npy",
                                            npyBytes("<f4", "(4294967296, 4294967296, 4294967296)", "1234"));
    EXPECT_THAT(messageOf([&] { (void)io::openNpy(overflow); }), HasSubstr("2^40"));
}

TEST(Npy, RefusesWhatItWouldMisread)
{
    const auto folder = freshFolder();
    const std::string data = data_files::bytesOf(kValues);
    const auto refused = [&](const std::string& content) {
        return messageOf([&] { (void)io::openNpy(data_files::write(folder / "a.npy", content)); });
    };
    EXPECT_THAT(refused(npyBytes(">f4", "(3, 2)", data)), HasSubstr("big-endian"));
    EXPECT_THAT(refused(npyBytes("<f4", "(3, 2)", data, "True")), HasSubstr("Fortran order"));
    EXPECT_THAT(refused(npyBytes("|O", "(3, 2)", data)), HasSubstr("type '|O'"));
    EXPECT_THAT(refused(npyBytes("<f4", "()", data)), HasSubstr("scalar"));
    EXPECT_THAT(refused(npyBytes("<f4", "(-3, 2)", data)), HasSubstr("shape (-3, 2)"));
    EXPECT_THAT(refused("P3 text that is no array at all"), HasSubstr("not an .npy array"));
}

TEST(Npz, ReadsAnArrayByName)
{
    const auto path = freshFolder() / "a.npz";
    writeZip(
        path,
        {{"images.npy", npyBytes("<f4", "(3, 2)", data_files::bytesOf(kValues))},
         {"labels.npy", npyBytes("<i8", "(3,)", data_files::bytesOf(std::vector<std::int64_t>{7, 8, 9}))}});
    EXPECT_THAT(io::namesInNpz(path), testing::UnorderedElementsAre("images", "labels"));
    EXPECT_THAT(io::openNpz(path, "images")->read(2, 1).as<float>(), testing::ElementsAre(4, 5));
    EXPECT_THAT(io::openNpz(path, "labels")->read(0, 3).as<std::int64_t>(), testing::ElementsAre(7, 8, 9));
    EXPECT_THAT(messageOf([&] { (void)io::openNpz(path, "image"); }), HasSubstr("did you mean 'images'"));
}

TEST(Npz, EveryTruncationIsAnError)
{
    const auto path = freshFolder() / "a.npz";
    writeZip(path, {{"x.npy", npyBytes("<f4", "(3, 2)", data_files::bytesOf(kValues))}});
    for (std::size_t size = 0; size < fs::file_size(path); size += 5) {
        const auto cut = data_files::truncated(path, size);
        EXPECT_THAT(messageOf([&] { (void)io::openNpz(cut, "x"); }), HasSubstr("cut_a.npz"));
    }
}

TEST(Npz, WrongChecksumIsAnError)
{
    const auto path = freshFolder() / "a.npz";
    writeZip(path, {{"x.npy", npyBytes("<f4", "(3, 2)", data_files::bytesOf(kValues))}});
    std::string content = io::readFile(path);
    content[60] = static_cast<char>(content[60] ^ 0x55);
    data_files::write(path, content);
    EXPECT_THAT(messageOf([&] { (void)io::openNpz(path, "x"); }), HasSubstr("a.npz"));
}

TEST(Hdf5Array, ReadsSlicesOfAPackedDataset)
{
    const auto path = freshFolder() / "a.h5";
    writeHdf5(path, "images", {5, 3});
    const auto array = io::openHdf5(path, "images");
    EXPECT_EQ(array->shape(), (core::Shape{5, 3}));
    EXPECT_THAT(array->read(3, 2).as<std::uint8_t>(), testing::ElementsAre(63, 70, 77, 84, 91, 98));
    EXPECT_THAT(io::namesInHdf5(path), testing::ElementsAre("images"));
    EXPECT_THAT(messageOf([&] { (void)io::openHdf5(path, "image"); }), HasSubstr("did you mean 'images'"));
}

TEST(Hdf5Array, SeveralThreadsReadTheSameValues)
{
    const auto path = freshFolder() / "a.h5";
    writeHdf5(path, "images", {64, 17});
    const auto array = io::openHdf5(path, "images");
    std::atomic<int> wrong = 0;
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (std::int64_t i = 0; i < 64; ++i) {
                const core::Tensor item = array->read(i, 1);
                for (std::int64_t k = 0; k < 17; ++k) {
                    const auto expected = static_cast<std::uint8_t>((i * 17 + k) * 7);
                    wrong += item.as<std::uint8_t>()[static_cast<std::size_t>(k)] != expected;
                }
            }
        });
    }
    threads.clear();
    EXPECT_EQ(wrong, 0);
}

TEST(Hdf5Array, TruncatedOrForeignFilesAreErrors)
{
    const auto path = freshFolder() / "a.h5";
    writeHdf5(path, "images", {64, 64});
    const auto whole = fs::file_size(path);
    for (std::size_t size = 0; size < whole; size += 401) {
        const auto cut = data_files::truncated(path, size);
        EXPECT_THAT(messageOf([&] { (void)io::openHdf5(cut, "images")->read(0, 64); }),
                    HasSubstr("cut_a.h5"));
    }
    EXPECT_THAT(messageOf([&] { (void)io::openHdf5(path.parent_path() / "none.h5", "images"); }),
                HasSubstr("none.h5"));
}

} // namespace
