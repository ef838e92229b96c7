#include "core/graph/checked_inference.h"

#include "core/base/checked.h"
#include "core/graph/ops/infer.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace core {

namespace {

using Words = std::vector<std::string_view>;

struct WordAttribute
{
    std::vector<std::string_view> types; ///< empty: of every operator
    std::string_view key;
    Words words;
};

/// Attributes that choose by a word, and the words of ONNX's operator list. Another word would silently mean
/// the default.
const std::vector<WordAttribute>& wordAttributes()
{
    static const std::vector<WordAttribute> all{
        {{}, "auto_pad", {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"}},
        {{"LSTM", "GRU", "RNN"}, "direction", {"forward", "reverse", "bidirectional"}},
        {{"BitShift"}, "direction", {"LEFT", "RIGHT"}},
        {{"Pad"}, "mode", {"constant", "reflect", "edge", "wrap"}},
        {{"DepthToSpace"}, "mode", {"DCR", "CRD"}},
        {{"RoiAlign"}, "mode", {"avg", "max"}},
        {{"Resize", "Upsample"}, "mode", {"nearest", "linear", "bilinear", "cubic"}},
        {{"Resize"}, "nearest_mode", {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}},
        {{"Resize"}, "keep_aspect_ratio_policy", {"stretch", "not_larger", "not_smaller"}},
        {{"Resize"},
         "coordinate_transformation_mode",
         {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
          "tf_half_pixel_for_nn", "tf_crop_and_resize"}},
        {{"RoiAlign"}, "coordinate_transformation_mode", {"half_pixel", "output_half_pixel"}},
        {{"GridSample"}, "mode", {"bilinear", "linear", "nearest", "bicubic", "cubic"}},
        {{"GridSample"}, "padding_mode", {"zeros", "border", "reflection"}},
        {{"TensorScatter"}, "mode", {"linear", "circular"}},
        {{"Gelu"}, "approximate", {"none", "tanh"}},
        {{"ScatterND", "ScatterElements"}, "reduction", {"none", "add", "mul", "max", "min"}},
        {{"NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"}, "reduction", {"none", "sum", "mean"}},
    };
    return all;
}

void checkWords(const Node& node)
{
    for (const WordAttribute& attribute : wordAttributes()) {
        const bool isMeant = (attribute.types.empty()
                              || std::ranges::find(attribute.types, node.type) != attribute.types.end())
            && node.find(attribute.key) != nullptr;
        const std::string word = isMeant ? node.text(attribute.key, "") : "";
        if (isMeant && std::ranges::find(attribute.words, word) == attribute.words.end()) {
            ops::fail(node,
                      fmt::format("{} '{}' of {} is not known; known are {}", attribute.key, word, node.type,
                                  fmt::join(attribute.words, ", ")),
                      ErrorKind::InvalidModel);
        }
    }
}

/// "X 1x3x8x8, 4x3x3x3; strides 9223372036854775807": what sizes are computed from.
std::string sourcesOf(const InferContext& context)
{
    std::vector<std::string> shapes;
    for (const ValueInfo& input : context.inputs) {
        shapes.push_back(input.type == DataType::Undefined ? "none" : toString(input.shape));
    }
    std::string text = fmt::format("{}", fmt::join(shapes, ", "));
    for (const auto& [key, attribute] : context.node.attributes) {
        if (const auto* number = std::get_if<std::int64_t>(&attribute)) {
            text += fmt::format("; {} {}", key, *number);
        } else if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&attribute);
                   numbers && numbers->size() <= 8) {
            text += fmt::format("; {} {}", key, fmt::join(*numbers, ", "));
        }
    }
    return text;
}

} // namespace

std::vector<ValueInfo> inferChecked(const OperatorDefinition& definition, const InferContext& context)
{
    const Node& node = context.node;
    checkWords(node);
    try {
        std::vector<ValueInfo> results = definition.infer(context);
        for (const ValueInfo& result : results) {
            if (std::ranges::any_of(result.shape, [](std::int64_t d) { return d < kDynamic; })) {
                ops::fail(node,
                          fmt::format("its {} would have a negative size (inputs {})", node.type,
                                      sourcesOf(context)),
                          ErrorKind::InvalidModel);
            }
        }
        return results;
    } catch (const OverflowError&) {
        ops::fail(
            node,
            fmt::format("its sizes do not fit 64 bits ({} of inputs {})", node.type, sourcesOf(context)),
            ErrorKind::InvalidModel);
    }
}

} // namespace core
