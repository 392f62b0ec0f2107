namespace Sluice.Pipeline.Sources.Health;

/// <summary>What is wrong with a source that still sends something.</summary>
internal enum Symptom { None, NoPictures, Stall, Slow, NoSound, NoKeyframes, Jumps, Drift, FewPictures }
