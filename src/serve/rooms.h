// What the frame port and its APIs work with.
#pragma once

#include "serve/models.h"
#include "serve/outputs.h"
#include "serve/people_room.h"
#include "serve/recognition.h"
#include "serve/storage.h"

namespace facepipe::serve {

// Services that are started before the frame port, and outlive it.
struct Rooms {
  Storage& storage;
  Models& models;
  const Outputs& outputs;
  Recognition& recognition;
  PeopleRoom& people;
};

}  // namespace facepipe::serve
