using LinuxP2V.Protocol.Findings;

namespace LinuxP2V.Guest.Planning;

/// <summary>What must change in a copy so that it boots as a VM, and what the admin should know of it.</summary>
/// <param name="Changes">In the order in which they are to be carried out.</param>
/// <param name="Findings">An error means that the copy would not boot.</param>
/// <param name="Notes">What was looked at and stays, and why.</param>
public sealed record GuestPlan(IReadOnlyList<GuestChange> Changes, IReadOnlyList<Finding> Findings, IReadOnlyList<string> Notes)
{
    public IEnumerable<Finding> Errors => Findings.Where(finding => finding.Severity == FindingSeverity.Error);
}
