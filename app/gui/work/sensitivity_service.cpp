#include "app/gui/work/sensitivity_service.h"

#include "core/base/fingerprint.h"

#include <mutex>
#include <unordered_map>
#include <utility>

namespace app {

class SensitivityService::Effects
{
public:
    [[nodiscard]] core::EffectMemory memory()
    {
        return {[this](const core::Fingerprint& key) {
                    const std::scoped_lock lock(m_mutex);
                    const auto known = m_known.find(key);
                    return known == m_known.end() ? std::nullopt : std::optional(known->second);
                },
                [this](const core::Fingerprint& key, const std::string&, const core::OutputEffect& effect) {
                    const std::scoped_lock lock(m_mutex);
                    if (m_known.size() >= kMost) {
                        m_known.clear();
                    }
                    m_known.insert_or_assign(key, effect);
                }};
    }

private:
    static constexpr std::size_t kMost = 100'000;
    std::mutex m_mutex; // a job that was stopped may still be on its way out
    std::unordered_map<core::Fingerprint, core::OutputEffect, core::FingerprintHash> m_known;
};

SensitivityService::SensitivityService(RunController* controller, QObject* parent)
    : BatchService(controller, tr("The sensitivity measurement"), parent)
    , m_effects(std::make_shared<Effects>())
{
}

void SensitivityService::start(std::shared_ptr<const core::QuantizationPlan> plan,
                               const core::SensitivityOptions& options)
{
    startJob([this, effects = m_effects, plan = std::move(plan), options](const Project& project,
                                                                          const views::Jobs::Call& call) {
        auto table = core::measureSensitivity(*project.session, plan, options, effects->memory(), call.stop,
                                              call.progress);
        if (table) {
            call.tell([this, shared = std::make_shared<const core::SensitivityTable>(std::move(*table))] {
                emit ready(shared);
            });
        }
        return table.has_value();
    });
}

} // namespace app
