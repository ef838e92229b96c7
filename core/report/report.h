#pragma once

#include "core/metrics/metric_report.h"
#include "core/network/operator_graph.h"
#include "core/params/quantization_params.h"
#include "core/plan/plan.h"
#include "core/quantization/weight_error.h"
#include "core/statistics/statistics.h"
#include "core/tensor/dataset.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace core {

/// Difference of a tensor ŷ from its FP32 twin y over all samples. Sums in double.
struct ErrorMetrics
{
    double l2 = 0.0; ///< sqrt(Σ(y−ŷ)²)
    std::optional<double> relativeL2; ///< l2 / sqrt(Σy²); none for 0/0 or x/0
    std::optional<double> medianChannelRelativeL2; ///< median over channels of ‖y_c−ŷ_c‖/‖y_c‖
    std::optional<double> sqnrDb; ///< −20·log10(relativeL2); none when l2 = 0 (sorts as +∞)
    std::optional<double> cosine;
    double maxAbs = 0.0; ///< max |y−ŷ|
    std::optional<double> rmseLsb; ///< sqrt(Σ(y−ŷ)²/n) / output scale
    std::uint64_t elements = 0;
    std::uint64_t samples = 0;
};

struct ChannelError
{
    int channel = 0;
    double relativeL2 = 0.0;
};

/// The quantization of the operator's FP32 output alone: l2² = clipL2² + roundL2² + cross.
struct OutputQuantization
{
    double l2 = 0.0;
    double clipL2 = 0.0;
    double roundL2 = 0.0;
    double cross = 0.0;
    double clipped = 0.0; ///< share of elements outside the representable range
    double rangeUsed = 0.0; ///< share of the representable range that FP32 values span
};

struct QuantizedTensorInfo
{
    std::string method;
    std::string granularity; ///< of weights
    std::vector<Range> threshold; ///< one, or one per channel
    QuantizationParams params;
};

/// Sizes of a histogram of codes: counts[q − codes.lowest].
using CodeCounts = std::vector<std::uint64_t>;

/// What an accumulator of fewer bits lost, over all evaluation samples.
struct SaturationReport
{
    double outlierShare = 0.0; ///< of weights, summed apart (s16-outlier)
    std::vector<std::int64_t> pairs; ///< by channel: sums of two products that did not fit into 16 bits
    std::vector<std::int64_t> sums; ///< by channel: 16-bit accumulations that did not fit
};

/// Microseconds that go into other forms of the same numbers.
struct ConversionTime
{
    double quantize = 0.0; ///< reals to codes: of an input of the network, or before an integer operator
    double dequantize = 0.0; ///< codes to reals, before a float operator
    double requantize = 0.0; ///< codes to codes of another scale by an operator of its own: a Concat
};

/// What happened to one operator. Unchanged operators are shared between reports.
struct LayerReport
{
    OperatorId id{};
    std::string name;
    std::string type;
    std::vector<std::string> nodes; ///< the ONNX nodes it came from
    std::string group; ///< the pattern it is part of ("attention", …); empty: none
    std::string output; ///< name of the value it writes
    int depth = 0;
    Precision requested = kInt8;
    Precision effective = kInt8;
    std::string reason; ///< why effective differs from requested; empty when it does not
    std::string backend; ///< "onednn", "noisefloor", "reference"
    std::string implementation; ///< "brgconv:avx512_core_vnni", "table", …
    std::optional<QuantizedTensorInfo> activation; ///< none when the output stays float
    bool inheritsActivation = false; ///< params are those of its input
    std::optional<QuantizedTensorInfo> weight;
    std::optional<ErrorMetrics> isolated;
    std::vector<ChannelError> worstChannels; ///< by isolated error, worst first, at most 16
    std::vector<float> channelRelativeL2; ///< isolated, every channel, in order
    std::optional<OutputQuantization> outputQuantization;
    std::optional<ErrorMetrics> accumulated;
    std::vector<float> accumulatedChannelRelativeL2;
    /// Its own error on what the quantized pipeline hands it (shadow "pipeline"): what it writes there
    /// against its FP32 form on the same inputs, dequantized. Measured where asked for.
    std::optional<ErrorMetrics> pipelineShadow;
    std::optional<WeightError> weightError;
    std::optional<SaturationReport> saturation; ///< where sums can saturate
    std::optional<ErrorMetrics> atOutput;
    std::shared_ptr<const CodeCounts> codeCounts; ///< of the quantized pipeline, evaluation data
    std::vector<float> sampleRelativeL2; ///< accumulated, per evaluation sample
    double fp32Microseconds = 0.0; ///< per sample
    double quantizedMicroseconds = 0.0;
    ConversionTime conversion; ///< per sample, part of quantizedMicroseconds
};

struct TopK
{
    double top1 = 0.0; ///< percent
    double top5 = 0.0;
};

/// 95 % intervals of an Accuracy, in percent and points; those of top-1 and top-5 with labels only.
struct AccuracyIntervals
{
    std::optional<ConfidenceInterval> fp32Top1;
    std::optional<ConfidenceInterval> quantizedTop1;
    std::optional<ConfidenceInterval> top1Drop; ///< FP32 minus quantized, paired
    std::optional<ConfidenceInterval> top5Drop;
    std::optional<ConfidenceInterval> agreement;
};

struct Accuracy
{
    std::uint64_t samples = 0;
    bool labelled = false;
    TopK fp32;
    TopK quantized;
    double top1Agreement = 0.0; ///< percent of items whose predicted class is the same
    std::uint64_t ties = 0; ///< items whose highest quantized value is not unique
    AccuracyIntervals intervals{};
};

struct OutputReport
{
    std::string name;
    std::string kind; ///< "logits", "probabilities", "output"
    ErrorMetrics error;
    std::optional<ConfidenceInterval> sqnrInterval{}; ///< of error.sqnrDb, in dB
};

/// Errors of a recurrent network along its sequences, accumulated from their starts: step i is evaluation
/// sample i.
struct SequenceReport
{
    struct Output
    {
        std::string name;
        std::vector<std::optional<double>> relativeL2; ///< per step; none for 0/0 and x/0
        std::vector<double> maxAbs; ///< per step
    };
    std::vector<StateBinding> states;
    std::vector<std::size_t> starts; ///< steps at which the states are the initial ones
    std::vector<Output> outputs;
};

struct SamplePrediction
{
    std::int64_t label = -1; ///< −1 without a label
    std::int64_t fp32 = -1;
    std::int64_t quantized = -1;
    double outputRelativeL2 = 0.0;
};

struct Timing
{
    double fp32MsPerSample = 0.0;
    double quantizedMsPerSample = 0.0;
    double analysisMsPerSample = 0.0;
    double calibrationMs = 0.0;
};

struct Report
{
    std::shared_ptr<const QuantizationPlan> plan;
    std::string modelFile;
    std::string modelSha256;
    std::size_t modelNodes = 0;
    std::size_t samples = 0;
    bool synthetic = false;
    std::string isa;
    int threads = 1;
    std::optional<Accuracy> accuracy;
    std::shared_ptr<const MetricReport> metric; ///< the user's own number; null where none was asked for
    std::vector<OutputReport> outputs;
    std::optional<SequenceReport> sequence; ///< of recurrent networks
    std::vector<SamplePrediction> predictions; ///< per evaluation item; empty without a classifier output
    std::vector<std::shared_ptr<const LayerReport>> layers; ///< in execution order, inputs first
    Timing timing;
    std::vector<std::string> warnings;
};

} // namespace core
