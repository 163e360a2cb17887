// How many descriptors (connections, files) this process may have open, and has.
#pragma once

#include <cstddef>

namespace facepipe {

// Raises the soft limit of open descriptors to the hard one, which needs no privilege, and returns the limit that holds
// then. The soft one is low (1,024) for programs that use select(); this one does not. Call it before threads start.
std::size_t raise_descriptor_limit();

// Where standard input, output or error is closed, opens /dev/null in its place, so that no file or connection that is
// opened later gets its number and what is printed. Reading and writing there fail as before. Call it first of all.
void open_standard_descriptors();

// The limit that holds now, and the descriptors that are open now; an unreadable /proc counts as none open.
[[nodiscard]] std::size_t descriptor_limit();
[[nodiscard]] std::size_t open_descriptors();

}  // namespace facepipe
