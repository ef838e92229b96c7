#include "app/gui/window/screenshot.h"

#include "app/gui/window/main_window.h"
#include "app/gui/work/batch_service.h"
#include "views/base/panel.h"

#include <QTimer>

namespace app {

namespace {
constexpr int kBadInput = 3;
}

Screenshot::Screenshot(MainWindow* window, Request request, QObject* parent)
    : QObject(parent)
    , m_window(window)
    , m_request(std::move(request))
{
    connect(m_window->controller(), &RunController::failed, this, [this](const QString& message) {
        m_failed = true;
        emit done(kBadInput, message);
    });
    connect(m_window->controller(), &RunController::busyChanged, this, [this](bool busy) {
        if (!busy && !m_failed) {
            // Results that came with the same event are told after it, costs of the selected tensor a little
            // later.
            QTimer::singleShot(0, this, &Screenshot::take);
        }
    });
}

void Screenshot::take()
{
    if (m_failed || m_window->controller()->isBusy()) {
        return;
    }
    if (!m_request.operatorName.isEmpty() && !m_window->selectOperator(m_request.operatorName)) {
        emit done(kBadInput, tr("--select %1: no operator of that name").arg(m_request.operatorName));
        return;
    }
    if (!m_request.dock.isEmpty() && !m_window->raiseDock(m_request.dock)) {
        emit done(kBadInput, tr("--dock %1: no dock of that name").arg(m_request.dock));
        return;
    }
    saveWhenSettled();
}

void Screenshot::saveWhenSettled()
{
    // Docks get their results one by one.
    if (m_window->delivery()->isPending()) {
        connect(m_window->delivery(), &Delivery::delivered, this, &Screenshot::saveWhenSettled,
                static_cast<Qt::ConnectionType>(Qt::QueuedConnection | Qt::UniqueConnection));
        return;
    }
    // Costs and the values of the selected tensor come from other threads.
    if (m_window->controller()->awaitsTensors()) {
        connect(m_window->controller(), &RunController::tensorsReady, this, &Screenshot::saveWhenSettled,
                static_cast<Qt::ConnectionType>(Qt::QueuedConnection | Qt::UniqueConnection));
        return;
    }
    const auto again = static_cast<Qt::ConnectionType>(Qt::QueuedConnection | Qt::UniqueConnection);
    for (BatchService* const service : m_window->findChildren<BatchService*>()) {
        if (service->isBusy()) {
            connect(service, &BatchService::busyChanged, this, &Screenshot::saveWhenSettled, again);
            return;
        }
    }
    for (views::Panel* const panel : m_window->findChildren<views::Panel*>()) {
        if (panel->isBusy()) {
            connect(panel, &views::Panel::settled, this, &Screenshot::saveWhenSettled, again);
            return;
        }
    }
    if (m_window->costs()->isBusy()) {
        connect(m_window->costs(), &views::TensorCostsService::ready, this, &Screenshot::saveWhenSettled,
                static_cast<Qt::ConnectionType>(Qt::QueuedConnection | Qt::UniqueConnection));
        return;
    }
    const bool saved = m_window->grab().save(m_request.file);
    emit done(saved ? 0 : kBadInput, saved ? QString() : tr("%1: cannot be written").arg(m_request.file));
}

} // namespace app
