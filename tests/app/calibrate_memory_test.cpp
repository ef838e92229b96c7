#include "io/files/process.h"
#include "tests/support/shared_files.h"

#include <cmath>
#include <fstream>
#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

/// Peak resident bytes of `noisefloor-cli calibrate` over so many of the 300 pictures.
double peakOfCalibration(const fs::path& model, const fs::path& data, int samples)
{
    const auto result =
        io::runProcess({NOISEFLOOR_CLI, "calibrate", model.string(), "--data", data.string(), "--samples",
                        std::to_string(samples), "--threads", "1", "--quiet", "--methods", "minmax,entropy",
                        "--thresholds", (support::temporaryFolder() / "thresholds.json").string()});
    EXPECT_EQ(result.exitCode, 0) << result.err;
    return static_cast<double>(result.peakBytes);
}

TEST(CalibrateMemory, DoesNotGrowWithTheNumberOfSamples)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model,
                                   "models/mobilenet_v1_0.25_224/mobilenet_v1_0.25_224_1_default_1.onnx");
    NOISEFLOOR_SHARED_FILE_OR_SKIP(images, "data/imagenet_eval_300");
    const fs::path data = support::temporaryFolder() / "memory.data.json";
    std::ofstream(data) << R"({"format": "noisefloor-data/1", "inputs": [{"path": )" << images
                        << R"(, "kind": "images"}],
        "preprocess": {"central_fraction": 0.875, "resize_to": [224, 224], "mean": [127.5, 127.5, 127.5], "std": [127.5, 127.5, 127.5]}})";
    const double few = peakOfCalibration(model, data, 16);
    const double many = peakOfCalibration(model, data, 300);
    RecordProperty("peak_mb_16", std::to_string(few / 1e6));
    RecordProperty("peak_mb_300", std::to_string(many / 1e6));
    ASSERT_GT(few, 1e7); // a measurement, not a zero
    EXPECT_LT(std::abs(many / few - 1.0), 0.05) << few << " and " << many << " bytes";
}

} // namespace
