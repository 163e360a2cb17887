// The key of a store: agreed on at its opening.
#pragma once

#include "base/result.h"
#include "faces/store/vault.h"
#include "sqlite/sqlite.h"

namespace facepipe::faces {

// kPermission: it has a key, and none is given; kMismatch: it has another one.
[[nodiscard]] Status check_key(sqlite::Database& database, const std::optional<SealingKey>& key);
// Enters the vault's key's id if the store has none yet; otherwise the two must be the same: kPermission, kMismatch.
// What a store without a key holds already is sealed first, in steps that a crash only interrupts, and the file is
// written anew, so that nothing of it can be read; that takes as much free space as the file has, and about a minute
// for ten gigabytes. From the first step on the store opens with the key alone. Outside a transaction.
[[nodiscard]] Status agree_on_key(sqlite::Database& database, const Vault& vault);

}  // namespace facepipe::faces
