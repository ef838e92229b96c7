#include "core/base/error.h"
#include "core/graph/bind_shapes.h"
#include "io/exports/format.h"
#include "io/exports/qdq_export.h"
#include "io/files/file.h"
#include "io/files/temporary_folder.h"
#include "io/verify/export_runner.h"
#include "io/verify/verification.h"
#include "tests/fuzz/quantized_engine.h"
#include "tests/fuzz/subject.h"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

namespace fuzz {

namespace {

/// ONNX Runtime in its lasting process.
class PeerRunner final : public io::ExportRunner
{
public:
    PeerRunner(const OnnxRuntimePeer& peer, const std::string& model, std::string_view optimization)
        : m_peer(peer)
        , m_model(model)
        , m_optimization(optimization)
    {
    }
    [[nodiscard]] std::string name() const override { return "ONNX Runtime"; }
    [[nodiscard]] std::vector<std::string> expose(const std::vector<io::ExposedTensor>& tensors) override
    {
        std::vector<std::string> missing;
        m_exposed = io::withExposedOutputs(m_model, tensors, missing);
        return missing;
    }
    [[nodiscard]] std::vector<io::NamedTensors> run(const std::vector<io::NamedTensors>& samples,
                                                    const std::vector<std::string>&) override
    {
        PeerAnswer answer = m_peer.run(m_exposed.empty() ? m_model : m_exposed, samples, m_optimization);
        if (!answer.ran()) {
            throw core::Error(core::ErrorKind::Io, answer.error);
        }
        return std::move(answer.samples);
    }

private:
    const OnnxRuntimePeer& m_peer;
    const std::string& m_model;
    std::string m_exposed;
    std::string m_optimization;
};

/// One resolved plan, its exports and what verify says of them.
class Trial
{
public:
    Trial(const Subject& subject, const OurModel& model)
        : m_subject(subject)
        , m_model(model)
        , m_session(sessionOf(model, 1))
    {
        m_source.plan = std::make_shared<const core::QuantizationPlan>(planWith(model, core::Backend::Real));
        m_source.graph = m_session->operators(*m_source.plan);
        m_source.resolved =
            std::make_shared<const core::ResolvedPlan>(m_session->resolve(*m_source.plan, {}, {}).value());
        m_source.model = "model.onnx";
    }

    [[nodiscard]] std::string exported(const io::ExportFormat& format) const
    {
        return io::exportAs(format, m_source).files.at(0).content;
    }

    /// The same plan with every activation's scale wrong by a half.
    [[nodiscard]] std::optional<std::string> otherFile() const
    {
        core::ResolvedPlan other = *m_source.resolved;
        bool isOther = false;
        for (auto& value : other.values) {
            for (float& scale : value ? value->params.scale : m_none) {
                scale *= 1.5f;
                isOther = true;
            }
        }
        return isOther ? std::optional(io::exportQdq(*m_source.graph, other, {}).bytes) : std::nullopt;
    }

    [[nodiscard]] io::Verification verified(const io::ExportFormat& format, const std::string& bytes) const
    {
        io::VerificationRequest request;
        request.format = &format;
        request.source = m_source;
        request.file = m_folder.path() / "export.onnx";
        request.data = m_model.data;
        request.runtime = [&](const std::string& file, std::string_view optimization) {
            return std::make_unique<PeerRunner>(*m_subject.peer, file, optimization);
        };
        io::writeFileAtomically(request.file, bytes);
        return io::verifyExport(request, {}).value();
    }

private:
    const Subject& m_subject;
    const OurModel& m_model;
    std::unique_ptr<core::Session> m_session;
    io::ExportSource m_source;
    io::TemporaryFolder m_folder;
    static inline std::vector<float> m_none{};
};

/// Whether ONNX Runtime runs the file.
bool judgeFile(const io::ExportFormat& format, const Trial& trial, const Quantized& q, const Subject& subject,
               Verdict& verdict)
{
    const std::string kind(format.name);
    std::string bytes;
    try {
        bytes = trial.exported(format);
    } catch (const core::Error&) {
        verdict.note("verify " + kind + ": export refused by us");
        return false;
    }
    const PeerAnswer answer = subject.peer->run(bytes, subject.samples);
    if (!answer.ran()) {
        verdict.note("verify " + kind + ": ONNX Runtime does not run the export");
        return false;
    }
    const OutputReals expected = ordered(subject, answer);
    if (!isFinite(expected)) {
        verdict.note("verify " + kind + ": outputs are not finite");
        return false;
    }
    const double db = worstDb(q.outputs, expected);
    const io::Verification said = trial.verified(format, bytes);
    constexpr double kEqualDb = 60.0;
    const io::VerificationLimits limits;
    verdict.note(said.passed() ? "verify: green" : "verify: red");
    if (said.passed() && db < limits.leastSqnrDb && said.notes.empty()) {
        verdict.find("verify", kind + ": green on outputs that differ", fmt::format("{:.1f} dB", db));
    } else if (!said.passed() && db > kEqualDb) {
        verdict.find("verify", kind + ": red on equal outputs", said.problems.front());
    }
    return true;
}

} // namespace

void judgeVerify(const Subject& subject, Verdict& verdict)
{
    if (!subject.peer || subject.graph.isExtreme) {
        return;
    }
    const auto model = plannableModel(subject, "verify", verdict);
    if (!model) {
        return;
    }
    if (model->written) {
        verdict.note("verify: quantized already");
        return;
    }
    const Quantized q = quantized(*model, core::Backend::Real);
    const bool hasRecurrent =
        std::ranges::any_of(q.resolved.operators, [](const auto& op) { return op.recurrent != nullptr; });
    const auto& outputs = q.graph->graph->outputs();
    const bool hasFloatOutput = std::ranges::any_of(outputs, [&](core::ValueId id) {
        return q.graph->value(id).type == core::DataType::Float32 && !q.graph->value(id).constant;
    });
    if (q.integers == 0 || !isFinite(q.outputs) || q.hasNaN || hasRecurrent || !hasFloatOutput) {
        verdict.note("verify: nothing quantized, NaN, gates of 8 bits, or no float output");
        return;
    }
    const Trial trial(subject, *model);
    const io::ExportFormat& qdq = io::exportFormat("qdq");
    const bool isRun = judgeFile(qdq, trial, q, subject, verdict);
    judgeFile(io::exportFormat("qoperator"), trial, q, subject, verdict);
    const auto other = isRun ? trial.otherFile() : std::nullopt;
    if (other && trial.verified(qdq, *other).passed()) {
        verdict.find("verify", "green on another file", "every scale times 1.5");
    }
}

} // namespace fuzz
