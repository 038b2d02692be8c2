"""When sensors and markers recorded, relative to each other, and how the sensors sit: see docs/sync.md."""
