#include "io/session/saved_tensors.h"

#include "core/base/error.h"
#include "io/plans/plan_json.h"

#include <fmt/format.h>
#include <set>

namespace io {

namespace {

core::Tensor readTensor(const Hdf5Reader& file, const std::string& path)
{
    core::Shape shape;
    const std::vector<float> values = file.floats(path, shape);
    return core::makeTensor<float>(shape, std::span<const float>(values));
}

std::string datasetName(const std::string& group, std::size_t row)
{
    return fmt::format("{}/{:06}", group, row);
}

} // namespace

void saveTensors(Hdf5Writer& file, const std::string& path, const SavedTensors& saved)
{
    std::set<std::size_t> samples;
    Table operators;
    auto& names = operators.addTexts("operator");
    for (const auto& [key, tensors] : saved.tensors) {
        samples.insert(key.first);
        if (samples.size() == 1) { // every sample has the same
            names.push_back(key.second);
        }
    }
    Table index;
    auto& numbers = index.addIntegers("sample", "evaluation sample");
    numbers.assign(samples.begin(), samples.end());
    file.table(path + "/operators", operators);
    file.table(path + "/samples", index);
    file.text(path + "/plan", planToJson(*saved.plan));
    for (const std::size_t sample : samples) {
        const std::string group = fmt::format("{}/sample {:06}", path, sample);
        for (std::size_t row = 0; row < names.size(); ++row) {
            const core::SampleTensors& both = saved.tensors.at({sample, names[row]});
            file.array(datasetName(group + "/fp32", row), both.fp32.as<float>(), both.fp32.shape(), false);
            file.array(datasetName(group + "/quantized", row), both.quantized.as<float>(),
                       both.quantized.shape(), false);
        }
    }
}

SavedTensors loadTensors(const Hdf5Reader& file, const std::string& path)
{
    SavedTensors saved;
    saved.plan = std::make_shared<const core::QuantizationPlan>(planFromJson(file.text(path + "/plan")));
    const Table operators = file.table(path + "/operators");
    const Table samples = file.table(path + "/samples");
    const auto& names = operators.texts("operator");
    std::uint64_t bytes = 0;
    for (const std::int64_t sample : samples.integers("sample")) {
        if (sample < 0) {
            throw core::Error(core::ErrorKind::FileFormat,
                              fmt::format("'{}/samples' names sample {}", path, sample));
        }
        const std::string group = fmt::format("{}/sample {:06}", path, sample);
        for (std::size_t row = 0; row < names.size(); ++row) {
            core::SampleTensors both{readTensor(file, datasetName(group + "/fp32", row)),
                                     readTensor(file, datasetName(group + "/quantized", row))};
            bytes += both.fp32.byteCount() + both.quantized.byteCount();
            if (both.fp32.shape() != both.quantized.shape() || bytes > 2 * kMostTensorBytes) {
                throw core::Error(
                    core::ErrorKind::FileFormat,
                    fmt::format("'{}': tensors of '{}' differ in shape or are too many", group, names[row]));
            }
            saved.tensors[{static_cast<std::size_t>(sample), names[row]}] = std::move(both);
        }
    }
    return saved;
}

} // namespace io
