#include "app/common/saved_session.h"
#include "core/base/error.h"
#include "io/files/temporary_folder.h"
#include "tests/support/shared_files.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

/// A session saved beside its model and data, in a folder that then moves.
class MovedSession : public testing::Test
{
protected:
    io::TemporaryFolder m_temporary;
    const fs::path m_before = m_temporary.path() / "before";
    const fs::path m_after = m_temporary.path() / "after";

    void SetUp() override
    {
        fs::create_directories(m_before / "net");
        const fs::path sample = support::projectFile("resources/sample");
        fs::copy(sample / "digits.onnx", m_before / "net");
        for (const char* name : {"sample.data.json", "digits_test.h5", "digits_calibration.h5"}) {
            fs::copy(sample / name, m_before);
        }
        app::ProjectRequest request{m_before / "net" / "digits.onnx", m_before / "sample.data.json", {}, {}};
        request.options.sampleLimit = 8;
        const app::Project project = app::openProject(request);
        const auto report = project.session->run(
            std::make_shared<const core::QuantizationPlan>(core::QuantizationPlan::makeDefault()), {}, {});
        io::SessionFile session = app::describeProject(request, project);
        session.history = {{"", report->plan}};
        session.runs = {{1, "2026-01-01T00:00:00Z", "test", "", report}};
        io::writeSession(session, m_before / "work.nfs");
        fs::rename(m_before, m_after);
    }
};

TEST_F(MovedSession, FindsModelAndDataBesideItself)
{
    const app::ReopenedProject reopened = app::reopenProject(io::readSession(m_after / "work.nfs"), {});
    EXPECT_EQ(reopened.request.model, m_after / "net" / "digits.onnx");
    EXPECT_EQ(reopened.request.data, m_after / "sample.data.json");
    EXPECT_TRUE(reopened.warnings.empty()) << reopened.warnings.front();
}

TEST_F(MovedSession, TakesTheModelThatIsNamedAndRefusesAnother)
{
    fs::rename(m_after / "net" / "digits.onnx", m_temporary.path() / "elsewhere.onnx");
    const io::SessionFile session = io::readSession(m_after / "work.nfs");
    try {
        (void)app::reopenProject(session, {});
        FAIL() << "the model is gone";
    } catch (const core::Error& error) {
        EXPECT_EQ(error.kind(), core::ErrorKind::Io);
        EXPECT_NE(std::string(error.what()).find("digits.onnx"), std::string::npos) << error.what();
    }
    EXPECT_EQ(app::reopenProject(session, {}, m_temporary.path() / "elsewhere.onnx").request.model,
              m_temporary.path() / "elsewhere.onnx");

    std::ofstream(m_temporary.path() / "elsewhere.onnx", std::ios::app | std::ios::binary)
        << std::string("\x82\x06\x01x", 4); // an unknown field: the same network, another file
    try {
        (void)app::reopenProject(session, {}, m_temporary.path() / "elsewhere.onnx");
        FAIL() << "another model";
    } catch (const core::Error& error) {
        EXPECT_NE(std::string(error.what()).find("is not the model of this session"), std::string::npos)
            << error.what();
    }
}

TEST_F(MovedSession, TellsThatTheDataHaveChanged)
{
    fs::copy_file(m_after / "digits_calibration.h5", m_after / "digits_test.h5",
                  fs::copy_options::overwrite_existing);
    std::vector<std::string> warnings;
    try {
        warnings = app::reopenProject(io::readSession(m_after / "work.nfs"), {}).warnings;
    } catch (const core::Error& error) { // or they cannot be read any more
        warnings = {error.what()};
    }
    ASSERT_FALSE(warnings.empty());
}

} // namespace
