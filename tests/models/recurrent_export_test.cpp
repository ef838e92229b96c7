#include "app/common/export_source.h"
#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace {

TEST(RecurrentExport, SaysThatItsGatesAreOfEightBitsHereAlone)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, "cases/graphs/84-lstm-fwd/model.onnx");
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, "cases/graphs/84-lstm-fwd/data.json");
    const app::Project project = models::open(model, data, 4);
    for (const std::string name : {"qdq", "qoperator"}) {
        const io::ExportFormat& format = io::exportFormat(name);
        for (const bool isInteger : {true, false}) {
            const auto plan = models::planWith({isInteger ? "precision=int8" : "precision=fp32"});
            const auto source = app::exportSource(project, model, plan, format, {}, {});
            ASSERT_TRUE(source);
            const io::Export exported = io::exportAs(format, *source);
            EXPECT_EQ(std::ranges::any_of(exported.losses,
                                          [](const io::ExportLoss& loss) {
                                              return loss.what.find("gates and states of 8 bits here")
                                                  != std::string::npos;
                                          }),
                      isInteger)
                << name;
        }
    }
}

} // namespace
