#include "app/gui/window/memory_menu.h"

#include "core/base/memory_budget.h"

#include <QActionGroup>
#include <QCoreApplication>
#include <QSettings>

namespace app {

namespace {

QString bytesKey() { return QStringLiteral("memory/bytes"); }

QString sizeText(std::size_t bytes)
{
    const std::size_t mebibytes = bytes >> 20;
    return mebibytes >= 1024 && mebibytes % 1024 == 0
        ? QCoreApplication::translate("app::MemoryMenu", "%1 GiB").arg(mebibytes / 1024)
        : QCoreApplication::translate("app::MemoryMenu", "%1 MiB").arg(mebibytes);
}

} // namespace

std::size_t memoryBytes()
{
    constexpr qulonglong kLeast = 1ULL << 20;
    const qulonglong bytes = QSettings().value(bytesKey()).toULongLong();
    return bytes >= kLeast ? static_cast<std::size_t>(bytes) : core::defaultMemoryBytes();
}

void makeMemoryMenu(QMenu* menu, const std::function<void(std::size_t bytes)>& chosen,
                    const std::function<std::size_t()>& kept)
{
    menu->setObjectName(QStringLiteral("memoryMenu"));
    QAction* const now = menu->addAction(QString());
    now->setObjectName(QStringLiteral("memoryNow"));
    now->setEnabled(false);
    menu->addSeparator();
    auto* const group = new QActionGroup(menu);
    for (std::size_t bytes = std::size_t{256} << 20; bytes <= std::size_t{16} << 30; bytes *= 2) {
        QAction* const action = menu->addAction(sizeText(bytes));
        action->setCheckable(true);
        action->setData(QVariant::fromValue(static_cast<qulonglong>(bytes)));
        group->addAction(action);
        QObject::connect(action, &QAction::triggered, menu, [bytes, chosen] {
            QSettings().setValue(bytesKey(), static_cast<qulonglong>(bytes));
            chosen(bytes);
        });
    }
    QObject::connect(menu, &QMenu::aboutToShow, menu, [now, group, kept] {
        const std::size_t bytes = memoryBytes();
        now->setText(QCoreApplication::translate("app::MemoryMenu", "Kept to save time: %1 of %2")
                         .arg(sizeText(kept()), sizeText(core::cacheBytesOf(bytes))));
        for (QAction* const action : group->actions()) {
            action->setChecked(action->data().toULongLong() == bytes);
        }
    });
}

} // namespace app
