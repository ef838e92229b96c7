#include "app/common/export_source.h"
#include "core/base/error.h"
#include "io/exports/format.h"
#include "io/files/file.h"
#include "io/verify/verification.h"
#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>

// Every model of ONNX's own node tests that `run` accepts goes through each export, its tensors, and the way
// back: refused in words, or done, but never the end of the process.

namespace {

namespace fs = std::filesystem;

const fs::path kFolder = "/usr/share/libonnx-testdata/data";

std::vector<fs::path> nodeModels()
{
    std::vector<fs::path> all;
    for (const auto& entry : fs::recursive_directory_iterator(kFolder)) {
        if (entry.path().filename() == "model.onnx") {
            all.push_back(entry.path());
        }
    }
    std::ranges::sort(all);
    if (!models::isLong()) { // a seeded sample
        std::shuffle(all.begin(), all.end(), std::mt19937(16));
        all.resize(std::min<std::size_t>(all.size(), 24));
    }
    return all;
}

/// What went wrong inside, other than what is said in words.
template <typename Step>
std::string problemOf(const Step& step)
{
    try {
        step();
    } catch (const core::Error&) {
        return {};
    } catch (const std::exception& error) {
        return error.what();
    }
    return {};
}

class Sweep
{
public:
    explicit Sweep(const fs::path& model)
        : m_model(model)
        , m_project(models::open(model, {}, 1, 1))
        , m_plan(std::make_shared<const core::QuantizationPlan>(app::defaultPlan(m_project)))
        , m_report(m_project.session->run(m_plan, {}, {}))
    {
    }

    void exportEverything()
    {
        for (const io::ExportFormat& format : io::exportFormats()) {
            SCOPED_TRACE(format.name);
            EXPECT_EQ(problemOf([&] { exportTo(format); }), "");
        }
    }

    void readTensors()
    {
        const auto graph = m_project.session->operators(*m_plan);
        for (std::size_t i = 0; i < graph->operators.size(); ++i) {
            EXPECT_EQ(
                problemOf([&] { (void)m_project.session->tensors(m_plan, core::OperatorId(i), 0, {}); }), "")
                << graph->operators[i].name;
        }
    }

private:
    void exportTo(const io::ExportFormat& format)
    {
        const auto source = app::exportSource(m_project, m_model, m_plan, format, {}, {}, m_report);
        const fs::path file = support::temporaryFolder() / "node_test.export";
        (void)io::writeExport(io::exportAs(format, *source), file);
        if (format.isModel || format.read) {
            io::VerificationRequest request;
            request.format = &format;
            request.source = *source;
            request.file = file;
            request.data = m_project.data.evaluation;
            request.samples = 1;
            request.operatorSamples = 1;
            (void)io::verifyExport(request, {});
        }
    }

    fs::path m_model;
    app::Project m_project;
    std::shared_ptr<const core::QuantizationPlan> m_plan;
    std::shared_ptr<const core::Report> m_report;
};

TEST(NodeTests, WhatRunsIsExportedAndReadWithoutACrash)
{
    if (!fs::exists(kFolder)) {
        GTEST_SKIP() << "no " << kFolder << ": install libonnx-testdata";
    }
    // ONNX Runtime would start anew for each of them.
    setenv("NOISEFLOOR_ONNXRUNTIME", "/nonexistent", 1);
    std::size_t accepted = 0;
    for (const fs::path& model : nodeModels()) {
        SCOPED_TRACE(model.parent_path().filename().string());
        std::optional<Sweep> sweep;
        EXPECT_EQ(problemOf([&] { sweep.emplace(model); }), "");
        if (sweep) {
            ++accepted;
            sweep->exportEverything();
            sweep->readTensors();
        }
    }
    EXPECT_GT(accepted, models::isLong() ? 900U : 15U);
}

} // namespace
