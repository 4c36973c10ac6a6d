using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Findings;

namespace LinuxP2V.Agent.Reconfigure;

/// <summary>Tells the findings of a plan or of a check. An error ends the work, unless the admin forces it.</summary>
internal static class PlanFindings
{
    /// <summary>For an error that is found before anything is written.</summary>
    public const string BeforeTheCopy = "Nothing is copied yet: mend the source and start again, or start with -Force.";

    /// <summary>For an error that is found on the copy.</summary>
    public const string OnTheCopy =
        "The copy is kept: mend the source, synchronize, and finish the conversion; or finish it as it is with -Force.";

    /// <param name="next">What the admin can do then; follows the remedy of the first error.</param>
    /// <param name="warn">Gets what does not end the work.</param>
    /// <exception cref="AgentException">The id and remedy of the first error, and what each one says.</exception>
    public static void Report(IReadOnlyList<Finding> findings, bool isForced, string next, Action<string> warn)
    {
        foreach (var finding in findings.Where(finding => isForced || finding.Severity != FindingSeverity.Error))
            warn($"{finding.What} {finding.Remedy}");

        var errors = findings.Where(finding => finding.Severity == FindingSeverity.Error).ToList();
        if (!isForced && errors is [var first, .. var others])
        {
            throw new AgentException(
                first.Id,
                string.Join(' ', others.Select(error => error.What).Prepend(first.What)),
                $"{first.Remedy} {next}"
            );
        }
    }
}
