// What the user does to the range of the tensor shown: drag, nudge, type, take a method's.
#include "views/distribution/distribution_view.h"

#include "views/base/format.h"

#include <QLineEdit>
#include <QLocale>

namespace views {

core::Range DistributionView::currentRange() const
{
    const core::OperatorSettings settings = settingsOf(*m_plan, *m_layer);
    if (settings.activation.method && settings.activation.method->name == "manual"
        && settings.activation.range) {
        return *settings.activation.range;
    }
    return m_layer->activation && !m_layer->activation->threshold.empty()
        ? m_layer->activation->threshold.front()
        : core::Range{};
}

void DistributionView::dragged(core::Range range)
{
    showLimits(range);
    const core::CalibrationTarget target = targetOf(*m_plan, *m_layer);
    const core::QuantizationParams params = core::chooseActivationParams(range, target.scheme, target.bits);
    m_plot->preview(params);
    showCost(params, true);
}

void DistributionView::commit(core::Range range, const QString& mergeKey)
{
    core::OperatorSettings settings = ownSettings(*m_plan, *m_layer);
    settings.activation.method = core::CalibrationMethod{"manual", std::nullopt};
    settings.activation.range = range;
    emit planEdited({std::make_shared<core::QuantizationPlan>(withSettings(*m_plan, *m_layer, settings)),
                     tr("Range of %1: %2").arg(QString::fromStdString(m_layer->name), rangeText(range)),
                     mergeKey});
}

void DistributionView::nudge(int steps)
{
    if (!m_layer || !m_min->isEnabled() || !m_layer->activation) {
        return;
    }
    const double step = static_cast<double>(m_layer->activation->params.scale.front()) * steps;
    core::Range range = currentRange();
    const bool lower = m_touched == DistributionPlot::Handle::Min && range.min < 0.0;
    (lower ? range.min : range.max) += step;
    if (targetOf(*m_plan, *m_layer).scheme == core::Scheme::Symmetric) {
        lower ? range.max = -range.min : range.min = -range.max;
    }
    if (range.min <= 0.0 && range.max > 0.0) {
        m_plot->setRange(range);
        dragged(range);
        commit(range, QStringLiteral("nudge ") + QString::fromStdString(m_layer->name));
    }
}

void DistributionView::takeTypedLimits()
{
    if (!m_layer) {
        return;
    }
    bool minOk = false;
    bool maxOk = false;
    const core::Range typed{QLocale::c().toDouble(m_min->text(), &minOk),
                            QLocale::c().toDouble(m_max->text(), &maxOk)};
    const core::Range now = currentRange();
    const auto same = [](double a, double b) {
        return QString::number(a, 'g', 6) == QString::number(b, 'g', 6);
    };
    if (!minOk || !maxOk || typed.min > 0.0 || typed.max < 0.0 || typed.min == typed.max) {
        showLimits(now); // a range contains zero and has a width
    } else if (!same(typed.min, now.min) || !same(typed.max, now.max)) {
        commit(typed, {});
    }
}

void DistributionView::applyMethod(const core::CalibrationMethod& method)
{
    if (!m_layer) {
        return;
    }
    core::OperatorSettings settings = ownSettings(*m_plan, *m_layer);
    settings.activation.method = method;
    settings.activation.range.reset();
    emit planEdited({std::make_shared<core::QuantizationPlan>(withSettings(*m_plan, *m_layer, settings)),
                     tr("%1 for %2").arg(methodTitle(method), QString::fromStdString(m_layer->name)),
                     {}});
}

} // namespace views
