#pragma once

#include "core/tensor/dataset.h"
#include "io/exports/compare_encodings.h"
#include "io/exports/format.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace io {

/// What is asked of an export that can be run.
struct VerificationLimits
{
    double leastSqnrDb = 40.0; ///< at every output
    double leastAgreement = 99.0; ///< percent of predictions
    double leastWithinOneLsb = 0.999; ///< share of elements of every operator of up to 8 bits
};

class ExportRunner;
/// Another engine on a model, with that graph optimization (as OnnxRuntimeOptions have it). The model
/// outlives the runner.
using RunnerFactory =
    std::function<std::unique_ptr<ExportRunner>(const std::string& model, std::string_view optimization)>;

struct VerificationRequest
{
    const ExportFormat* format = nullptr;
    ExportSource source;
    std::filesystem::path file; ///< the export to check
    std::shared_ptr<const core::Dataset> data; ///< what models are run on
    std::string labelsOutput;
    std::size_t samples = 60; ///< at the output; all when fewer
    std::size_t operatorSamples = 4; ///< of them operator by operator
    VerificationLimits limits;
    RunnerFactory runtime{}; ///< empty: ONNX Runtime as findOnnxRuntime() has it, in a process of its own
};

/// Our int8 pipeline against the exported model at one tensor.
struct OperatorAgreement
{
    std::string name;
    std::string type;
    std::string tensor;
    int bits = 0; ///< of its codes; 0: reals
    std::uint64_t elements = 0;
    double identical = 1.0; ///< share of equal codes; of equal reals where the operator is float
    double withinOneLsb = 1.0; ///< share; float operators: 1
    std::int64_t maxDifferenceLsb = 0;
    std::optional<double> sqnrDb; ///< none when equal
};

/// Our int8 pipeline against the exported model at one output.
struct OutputAgreement
{
    std::string name;
    std::optional<double> sqnrDb; ///< none when equal
};

struct Execution
{
    std::string runtime; ///< "ONNX Runtime 1.30.0"
    std::size_t operatorSamples = 0;
    std::vector<OperatorAgreement> operators; ///< in execution order
    std::size_t samples = 0;
    std::string output; ///< the tensor that predictions are read from: logits where there are some
    std::optional<double> outputSqnrDb; ///< at that output; none when equal
    std::vector<OutputAgreement> outputs; ///< every float output, in the order of the model
    std::optional<double> agreement; ///< percent of predictions; none without a classifier output
};

struct Verification
{
    std::string format;
    std::string file; ///< base name
    std::vector<ExportLoss> losses;
    EncodingComparison encodings;
    std::optional<Execution> execution; ///< in ONNX Runtime, without graph optimization
    std::optional<Execution> optimized{}; ///< the same as it is deployed: optimized, outputs only
    std::string notExecuted; ///< why there is no execution; empty for tables
    std::optional<Execution>
        ownExecution{}; ///< in our own engine, the file opened as a quantized model; of models only
    std::vector<std::string> notes{}; ///< what differs and is not the export's fault, one line each
    std::vector<std::string> problems; ///< why it failed, one line each; empty: verified
    [[nodiscard]] bool passed() const { return problems.empty(); }
};

/// Loads an export back and compares it with what the plan resolves to: params of every tensor, codes of
/// weights and biases, and, where the format is a model, its results in our own engine and, where it is
/// there, in ONNX Runtime. None when stopped. Throws core::Error for a file that is not of that format.
[[nodiscard]] std::optional<Verification> verifyExport(const VerificationRequest& request,
                                                       const std::stop_token& stop);

/// noisefloor-verification/1.
[[nodiscard]] std::string verificationToJson(const Verification& verification);

} // namespace io
