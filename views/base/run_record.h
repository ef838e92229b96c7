#pragma once

#include "core/report/results.h"

#include <QDateTime>
#include <QString>

namespace views {

/// One finished run, as the history keeps it.
struct RunRecord
{
    int number = 0;
    QDateTime finished;
    QString label; ///< the edit that led to it
    QString note;
    std::shared_ptr<const core::Results> results;
};

} // namespace views
