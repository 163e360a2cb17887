// The figures of `facepipe evaluate identify`.
#pragma once

#include "evaluate/identification.h"
#include "evaluate/summary.h"
#include "evaluate_namer.h"

namespace facepipe::app {

// Who was enrolled, what became of the probes, and up to which distances; those that are cut deep by themselves, too,
// where there are any.
void describe_identification(evaluate::Summary& summary, const RosterNamer& namer,
                             const evaluate::Identification& scored);

}  // namespace facepipe::app
