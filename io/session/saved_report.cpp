#include "io/session/saved_report.h"

#include "io/session/error_columns.h"
#include "io/session/operator_tables.h"
#include "io/session/saved_metric.h"
#include "io/session/saved_sequence.h"

namespace io {

namespace {

using core::Report;

void saveOutputs(Hdf5Writer& file, const std::string& path, const Report& report)
{
    Table table;
    auto& names = table.addTexts("name");
    auto& kinds = table.addTexts("kind");
    ErrorColumns errors(table, "");
    for (const core::OutputReport& output : report.outputs) {
        names.push_back(output.name);
        kinds.push_back(output.kind);
        errors.add(output.error);
    }
    file.table(path + "/outputs", table);
}

void loadOutputs(const Hdf5Reader& file, const std::string& path, Report& report)
{
    const Table table = file.table(path + "/outputs");
    for (std::size_t r = 0; r < table.rows(); ++r) {
        report.outputs.push_back({table.texts("name")[r], table.texts("kind")[r],
                                  ErrorColumns::read(table, "", r).value_or(core::ErrorMetrics{})});
    }
}

void savePredictions(Hdf5Writer& file, const std::string& path, const Report& report)
{
    Table table;
    auto& label = table.addIntegers("label", "class; -1: none");
    auto& fp32 = table.addIntegers("fp32", "class");
    auto& quantized = table.addIntegers("quantized", "class");
    auto& error = table.addReals("output_relative_l2", "1");
    for (const core::SamplePrediction& p : report.predictions) {
        label.push_back(p.label);
        fp32.push_back(p.fp32);
        quantized.push_back(p.quantized);
        error.push_back(p.outputRelativeL2);
    }
    file.table(path + "/predictions", table);
}

void loadPredictions(const Hdf5Reader& file, const std::string& path, Report& report)
{
    const Table table = file.table(path + "/predictions");
    for (std::size_t r = 0; r < table.rows(); ++r) {
        report.predictions.push_back({table.integers("label")[r], table.integers("fp32")[r],
                                      table.integers("quantized")[r], table.reals("output_relative_l2")[r]});
    }
}

void saveAccuracy(Hdf5Writer& file, const std::string& path, const Report& report)
{
    Table table;
    const core::Accuracy a = report.accuracy.value_or(core::Accuracy{});
    const auto real = [&](const char* name, double value) {
        table.addReals(name, "percent").push_back(value);
    };
    const auto integer = [&](const char* name, std::int64_t value) {
        table.addIntegers(name).push_back(value);
    };
    integer("measured", report.accuracy ? 1 : 0);
    integer("samples", static_cast<std::int64_t>(a.samples));
    integer("labelled", a.labelled ? 1 : 0);
    integer("ties", static_cast<std::int64_t>(a.ties));
    real("fp32_top1", a.fp32.top1);
    real("fp32_top5", a.fp32.top5);
    real("quantized_top1", a.quantized.top1);
    real("quantized_top5", a.quantized.top5);
    real("top1_agreement", a.top1Agreement);
    file.table(path + "/accuracy", table);
}

void loadAccuracy(const Hdf5Reader& file, const std::string& path, Report& report)
{
    const Table table = file.table(path + "/accuracy");
    if (table.integers("measured").at(0) == 0) {
        return;
    }
    core::Accuracy& a = report.accuracy.emplace();
    a.samples = static_cast<std::uint64_t>(table.integers("samples").at(0));
    a.labelled = table.integers("labelled").at(0) != 0;
    a.ties = static_cast<std::uint64_t>(table.integers("ties").at(0));
    a.fp32 = {table.reals("fp32_top1").at(0), table.reals("fp32_top5").at(0)};
    a.quantized = {table.reals("quantized_top1").at(0), table.reals("quantized_top5").at(0)};
    a.top1Agreement = table.reals("top1_agreement").at(0);
}

} // namespace

void saveReport(Hdf5Writer& file, const std::string& path, const Report& report)
{
    saveOperators(file, path, report);
    saveOutputs(file, path, report);
    savePredictions(file, path, report);
    saveAccuracy(file, path, report);
    saveSequence(file, path, report);
    saveMetric(file, path, report);
    Table warnings;
    warnings.addTexts("warning") = report.warnings;
    file.table(path + "/warnings", warnings);
    file.attribute(path, "model", report.modelFile);
    file.attribute(path, "model_sha256", report.modelSha256);
    file.attribute(path, "model_nodes", static_cast<std::int64_t>(report.modelNodes));
    file.attribute(path, "samples", static_cast<std::int64_t>(report.samples));
    file.attribute(path, "synthetic", static_cast<std::int64_t>(report.synthetic));
    file.attribute(path, "isa", report.isa);
    file.attribute(path, "threads", static_cast<std::int64_t>(report.threads));
    file.attribute(path, "fp32_ms_per_sample", report.timing.fp32MsPerSample);
    file.attribute(path, "quantized_ms_per_sample", report.timing.quantizedMsPerSample);
    file.attribute(path, "analysis_ms_per_sample", report.timing.analysisMsPerSample);
    file.attribute(path, "calibration_ms", report.timing.calibrationMs);
}

std::shared_ptr<const Report> loadReport(const Hdf5Reader& file, const std::string& path,
                                         std::shared_ptr<const core::QuantizationPlan> plan, bool hasMetric)
{
    auto report = std::make_shared<Report>();
    report->plan = std::move(plan);
    report->modelFile = file.textAttribute(path, "model");
    report->modelSha256 = file.textAttribute(path, "model_sha256");
    report->modelNodes = static_cast<std::size_t>(file.integerAttribute(path, "model_nodes"));
    report->samples = static_cast<std::size_t>(file.integerAttribute(path, "samples"));
    report->synthetic = file.integerAttribute(path, "synthetic") != 0;
    report->isa = file.textAttribute(path, "isa");
    report->threads = static_cast<int>(file.integerAttribute(path, "threads"));
    report->timing = {
        file.realAttribute(path, "fp32_ms_per_sample"), file.realAttribute(path, "quantized_ms_per_sample"),
        file.realAttribute(path, "analysis_ms_per_sample"), file.realAttribute(path, "calibration_ms")};
    for (core::LayerReport& layer : loadOperators(file, path)) {
        report->layers.push_back(std::make_shared<const core::LayerReport>(std::move(layer)));
    }
    loadOutputs(file, path, *report);
    loadPredictions(file, path, *report);
    loadAccuracy(file, path, *report);
    loadSequence(file, path, *report);
    if (hasMetric) {
        loadMetric(file, path, *report);
    }
    report->warnings = file.table(path + "/warnings").texts("warning");
    return report;
}

} // namespace io
