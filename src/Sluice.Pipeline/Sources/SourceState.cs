namespace Sluice.Pipeline.Sources;

/// <summary>
/// How a source is (standards: input failover state machine).
/// <code>
///   Absent ──open──▶ Probing ──keyframe + 1 s──▶ Healthy ⇄ Suspect ──silence──▶ Failed ──frames──▶ Probing
///      ▲                 └──────────── close, from every state ────────────┘
/// </code>
/// Excluded hides any of them until the operator includes the source again.
/// </summary>
public enum SourceState { Absent, Probing, Healthy, Suspect, Failed, Excluded }
