using LinuxP2V.Guest.Files;
using LinuxP2V.Protocol.Findings;

namespace LinuxP2V.Guest.Planning;

/// <summary>What must change in a copy so that it boots as a VM, and what the admin should know of it.</summary>
/// <param name="Changes">In the order in which they are to be carried out.</param>
/// <param name="Findings">An error means that the copy would not boot.</param>
/// <param name="Notes">What was looked at and stays, and why.</param>
public sealed record GuestPlan(IReadOnlyList<GuestChange> Changes, IReadOnlyList<Finding> Findings, IReadOnlyList<string> Notes)
{
    /// <summary>Version of the kernel that the copy shall start; null where none was looked for, or none serves.</summary>
    public string? Kernel { get; init; }

    /// <summary>The guest's files as the plan will leave them. What a program makes is there and empty.</summary>
    internal IGuestStore Planned { get; init; } = new MemoryStore();

    public IEnumerable<Finding> Errors => Findings.Where(finding => finding.Severity == FindingSeverity.Error);
}
