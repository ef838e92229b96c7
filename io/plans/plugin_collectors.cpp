#include "io/plans/plugin_collectors.h"

#include "core/base/error.h"
#include "core/calibration/noisefloor_collector.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <system_error>
#include <utility>
#include <vector>

namespace io {

namespace {

using Library = std::shared_ptr<void>;
using Definition = noisefloor_collector;

[[noreturn]] void refuseLibrary(const std::filesystem::path& file, std::string_view what)
{
    throw core::Error(core::ErrorKind::FileFormat, fmt::format("{}: {}", file.string(), what));
}

noisefloor_statistics plainStatistics(const core::TensorStatistics& s)
{
    const auto counts = s.histogram.counts();
    return {s.samples,
            s.total.count,
            s.total.zeros,
            s.total.nans,
            s.total.infinities,
            s.total.min,
            s.total.max,
            s.total.mean(),
            s.total.variance(),
            s.histogram.lowerEdge(0),
            s.histogram.binWidth(),
            counts.size(),
            counts.data()};
}

class PluginCollector : public core::Collector
{
public:
    PluginCollector(Library library, const Definition& definition, std::string tensor)
        : m_library(std::move(library))
        , m_definition(definition)
        , m_tensor(std::move(tensor))
        , m_state(definition.create(m_tensor.c_str()))
    {
        if (!m_state) {
            fail("cannot be created");
        }
    }
    ~PluginCollector() override
    {
        if (m_state) {
            m_definition.destroy(m_state);
        }
    }
    PluginCollector(const PluginCollector&) = delete;
    PluginCollector& operator=(const PluginCollector&) = delete;

    void add(std::span<const float> values) override
    {
        if (m_definition.collect && m_definition.collect(m_state, values.data(), values.size()) != 0) {
            fail("failed to collect a sample");
        }
    }

    [[nodiscard]] core::Range range(const core::TensorStatistics& statistics,
                                    const core::CalibrationTarget& target) const override
    {
        const noisefloor_statistics plain = plainStatistics(statistics);
        const noisefloor_target wanted{target.bits, target.scheme == core::Scheme::Symmetric ? 1 : 0};
        core::Range result;
        if (m_definition.range(m_state, &plain, &wanted, &result.min, &result.max) != 0) {
            fail("failed to choose a range");
        }
        if (!(result.min <= result.max) || !std::isfinite(result.min) || !std::isfinite(result.max)) {
            fail(fmt::format("chose {} … {}, which is no range", result.min, result.max));
        }
        return result;
    }

    [[nodiscard]] std::size_t byteCount() const override
    {
        return sizeof(*this);
    } // its own memory is its own affair

private:
    [[noreturn]] void fail(const std::string& what) const
    {
        throw core::Error(
            core::ErrorKind::Io,
            fmt::format("custom collector '{}', tensor '{}': {}", m_definition.name, m_tensor, what));
    }

    const Library m_library; // keeps the code in memory
    const Definition& m_definition;
    const std::string m_tensor;
    void* const m_state;
};

bool isWord(std::string_view name)
{
    return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
    });
}

void loadLibrary(const std::filesystem::path& file, core::CustomMethods& methods)
{
    void* const handle = dlopen(std::filesystem::absolute(file).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        refuseLibrary(file, dlerror());
    }
    const Library library(handle, dlclose);
    const auto at =
        reinterpret_cast<decltype(&noisefloor_collector_at)>(dlsym(handle, "noisefloor_collector_at"));
    if (!at) {
        refuseLibrary(file, "does not export noisefloor_collector_at");
    }
    for (std::size_t i = 0; const Definition* definition = at(i); ++i) {
        if (definition->abi != NOISEFLOOR_COLLECTOR_ABI) {
            refuseLibrary(file,
                          fmt::format("has collector interface {}, this program {}", definition->abi,
                                      NOISEFLOOR_COLLECTOR_ABI));
        }
        if (!definition->name || !isWord(definition->name)) {
            refuseLibrary(file, fmt::format("collector {} has no name of letters, digits, '_', '-', '.'", i));
        }
        if (!definition->create || !definition->range || !definition->destroy) {
            refuseLibrary(file,
                          fmt::format("collector '{}' lacks create, range or destroy", definition->name));
        }
        const auto make = [library,
                           definition](const std::string& tensor) -> std::unique_ptr<core::Collector> {
            return std::make_unique<PluginCollector>(library, *definition, tensor);
        };
        if (!methods
                 .try_emplace(definition->name,
                              core::CustomMethod{definition->help ? definition->help : "", make})
                 .second) {
            refuseLibrary(file, fmt::format("collector '{}' is there twice", definition->name));
        }
    }
}

} // namespace

core::CustomMethods loadPluginCollectors(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".so") {
            files.push_back(entry.path());
        }
    }
    if (error) {
        throw core::Error(core::ErrorKind::Io, fmt::format("{}: {}", folder.string(), error.message()));
    }
    std::ranges::sort(files);
    core::CustomMethods methods;
    for (const auto& file : files) {
        loadLibrary(file, methods);
    }
    return methods;
}

} // namespace io
