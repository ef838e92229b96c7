#include "io/verify/verification.h"

#include "core/base/error.h"
#include "io/exports/read_quantized_model.h"
#include "io/files/file.h"
#include "io/plans/plan_json.h"
#include "io/verify/execution.h"
#include "io/verify/onnx_runtime.h"
#include "io/verify/runtime_runner.h"
#include "io/verify/written_runner.h"

#include <algorithm>
#include <fmt/format.h>

namespace io {

namespace {

class Verifier
{
public:
    explicit Verifier(const VerificationRequest& request)
        : m_request(request)
    {
    }

    std::optional<Verification> run(const std::stop_token& stop)
    {
        const ExportFormat& format = *m_request.format;
        m_result.format = format.name;
        m_result.file = m_request.file.filename().string();
        const std::string content = readFile(m_request.file);
        if (format.name == "plan") {
            comparePlans(content);
            return std::move(m_result);
        }
        const Export fresh = exportAs(format, m_request.source);
        m_result.losses = fresh.losses;
        if (format.read) {
            const EncodingTable expected = encodingTable(*m_request.source.graph, *m_request.source.resolved);
            m_result.encodings = compareEncodings(
                format, expected, format.read(content, m_result.file, *m_request.source.graph),
                m_result.losses);
            compareWithFresh(content, fresh.files.at(0).content);
            for (const EncodingDifference& difference : m_result.encodings.differences) {
                if (difference.loss.empty()) {
                    m_result.problems.push_back(difference.item + ": " + difference.what);
                }
            }
        } else if (content != fresh.files.at(0).content) {
            m_result.problems.push_back("the file is not what this plan exports");
        }
        if (format.isModel) {
            compareCodes(content);
            if (!execute(content, stop)) {
                return std::nullopt;
            }
        }
        return std::move(m_result);
    }

private:
    void comparePlans(const std::string& content)
    {
        if (planFromJson(content) != *m_request.source.plan) {
            m_result.problems.push_back("the plan read back is another one");
        }
    }

    /// A named loss excuses what the format cannot say, not another value: the file must say what this plan
    /// writes.
    void compareWithFresh(const std::string& content, const std::string& fresh)
    {
        const ExportFormat& format = *m_request.format;
        const auto& graph = *m_request.source.graph;
        const auto compared = compareEncodings(format, format.read(fresh, "the plan's export", graph),
                                               format.read(content, m_result.file, graph), {});
        for (const EncodingDifference& difference : compared.differences) {
            m_result.problems.push_back(difference.item + ": not what this plan exports: " + difference.what);
        }
    }

    /// Weights and biases as integers: equal, or the model is another one.
    void compareCodes(const std::string& content)
    {
        const QuantizedModel model = readQuantizedModel(content, m_result.file);
        m_tag = model.tag;
        const auto& graph = *m_request.source.graph;
        for (std::size_t i = 0; i < graph.operators.size(); ++i) {
            const core::Operator& op = graph.operators[i];
            const core::ResolvedOperator& r = m_request.source.resolved->operators[i];
            if (!r.weights) {
                continue;
            }
            const auto weights = model.weights.find(op.name);
            const bool isLost =
                std::ranges::find(m_result.losses, op.name, &ExportLoss::item) != m_result.losses.end();
            if (weights == model.weights.end() && isLost) {
                continue; // written as reals: running the model tells whether they are the right ones
            }
            if (weights == model.weights.end() || !haveCodes(weights->second, *r.weights)) {
                m_result.problems.push_back(op.name + ": the codes of its weights differ");
            }
            const auto bias = model.biases.find(op.name);
            if (!r.weights->bias.empty() && bias != model.biases.end()
                && !std::ranges::equal(core::integersOf(bias->second), r.weights->bias)) {
                m_result.problems.push_back(op.name + ": the codes of its bias differ");
            }
        }
    }

    static bool haveCodes(const core::Tensor& tensor, const core::QuantizedWeights& weights)
    {
        const auto found = core::integersOf(tensor);
        bool equal = found.size() == weights.codeCount();
        for (std::size_t i = 0; equal && i < found.size(); ++i) {
            equal = found[i] == weights.codeAt(i);
        }
        return equal;
    }

    bool execute(const std::string& content, const std::stop_token& stop)
    {
        WrittenRunner own(content, m_result.file);
        m_result.ownExecution = executeExport(m_request, own, stop, m_result.problems, m_tag);
        if (!m_result.ownExecution) {
            return false;
        }
        judge(*m_result.ownExecution, m_request.limits, m_result.problems);
        const auto runtime = m_request.runtime ? std::nullopt : findOnnxRuntime();
        if (!runtime && !m_request.runtime) {
            m_result.notExecuted = onnxRuntimeHint();
            return true;
        }
        const auto start = [&](std::string_view optimization) {
            if (m_request.runtime) {
                return m_request.runtime(content, optimization);
            }
            return std::unique_ptr<ExportRunner>(
                std::make_unique<RuntimeRunner>(content, *runtime, std::string(optimization)));
        };
        try {
            return executeInRuntime(*start("disabled"), *start("all"), stop);
        } catch (const core::Error& error) {
            const std::string_view why = error.what();
            if (why.find("Could not find an implementation") == std::string_view::npos) {
                throw;
            }
            m_result.execution.reset(); // a valid file, for which this build has no kernel
            m_result.optimized.reset();
            m_result.notExecuted = why;
            return true;
        }
    }

    /// The file says what it says without optimization: that is judged. What a runtime's optimizer makes of
    /// it differs by its own kernels, which is said and not counted against the export.
    bool executeInRuntime(ExportRunner& plain, ExportRunner& optimized, const std::stop_token& stop)
    {
        m_result.execution = executeExport(m_request, plain, stop, m_result.problems, m_tag);
        if (!m_result.execution) {
            return false;
        }
        std::vector<std::string> problems;
        judge(*m_result.execution, m_request.limits, problems);
        m_result.optimized = executeOutputs(m_request, optimized, stop, m_tag);
        if (!m_result.optimized) {
            return false;
        }
        noteOptimized(problems.empty());
        return problems.empty() || acquit(optimized, problems, stop);
    }

    /// Integer kernels may agree where FP32 sums on the same codes fall to the other side of a tie and the
    /// difference grows from operator to operator: that is no fault of the file either.
    bool acquit(ExportRunner& optimized, const std::vector<std::string>& problems,
                const std::stop_token& stop)
    {
        std::vector<std::string> others;
        const auto execution = executeExport(m_request, optimized, stop, others, m_tag);
        if (!execution) {
            return false;
        }
        judge(*execution, m_request.limits, others);
        if (others.empty()) {
            m_result.notes.push_back(fmt::format("equal within limits where optimized, operator by operator; "
                                                 "without optimization FP32 sums round otherwise: {}",
                                                 problems.front()));
        } else {
            m_result.problems.insert(m_result.problems.end(), problems.begin(), problems.end());
        }
        return true;
    }

    void noteOptimized(bool isPlainGood)
    {
        constexpr double kEqualDb = 120.0; // what FP32 rounding can differ by
        const Execution& optimized = *m_result.optimized;
        for (const OutputAgreement& output : optimized.outputs) {
            const auto plain =
                std::ranges::find(m_result.execution->outputs, output.name, &OutputAgreement::name);
            const double plainDb =
                plain != m_result.execution->outputs.end() ? plain->sqnrDb.value_or(kEqualDb) : kEqualDb;
            // A little better or worse is FP32 rounding.
            constexpr double kMuchDb = 20.0;
            const bool isWorse = output.sqnrDb
                && (*output.sqnrDb < m_request.limits.leastSqnrDb || *output.sqnrDb < plainDb - kMuchDb);
            if (isPlainGood && isWorse) {
                m_result.notes.push_back(fmt::format(
                    "{}: {} without optimization, {}'s optimized form differs: {:.2f} dB", output.name,
                    plainDb == kEqualDb ? std::string("equal") : fmt::format("{:.2f} dB", plainDb),
                    m_result.execution->runtime, *output.sqnrDb));
            }
        }
    }

    static void judge(const Execution& execution, const VerificationLimits& limits,
                      std::vector<std::string>& problems)
    {
        for (const OutputAgreement& output : execution.outputs) {
            if (output.sqnrDb && !(*output.sqnrDb >= limits.leastSqnrDb)) {
                problems.push_back(fmt::format("{}: SQNR {:.1f} dB against {}, {:.1f} dB is asked for",
                                               output.name, *output.sqnrDb, execution.runtime,
                                               limits.leastSqnrDb));
            }
        }
        if (execution.agreement && *execution.agreement < limits.leastAgreement) {
            problems.push_back(
                fmt::format("{}: predictions agree on {:.2f} % of samples, {:.2f} % is asked for",
                            execution.runtime, *execution.agreement, limits.leastAgreement));
        }
        for (const OperatorAgreement& op : execution.operators) {
            // FP32 arithmetic, which is what engines do with wider codes, does not resolve single codes of 16
            // bits.
            if (op.bits <= 8 && op.withinOneLsb < limits.leastWithinOneLsb) {
                problems.push_back(
                    fmt::format("{}: {:.3f} % of codes within 1 LSB of {}, largest difference {}", op.name,
                                100.0 * op.withinOneLsb, execution.runtime, op.maxDifferenceLsb));
            }
        }
    }

    const VerificationRequest& m_request;
    Verification m_result;
    std::string m_tag; ///< of the names in the export
};

} // namespace

std::optional<Verification> verifyExport(const VerificationRequest& request, const std::stop_token& stop)
{
    return Verifier(request).run(stop);
}

} // namespace io
