// What people say of visits and of groups of unknown faces, while these are under way.
#pragma once

#include "faces/corrections.h"

namespace facepipe::visits {

using faces::apply;
using faces::Corrections;
using faces::UnknownCorrection;
using faces::VisitCorrection;

}  // namespace facepipe::visits
