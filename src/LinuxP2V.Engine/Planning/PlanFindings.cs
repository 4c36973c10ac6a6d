namespace LinuxP2V.Engine.Planning;

/// <summary>
/// Collects what a plan meets: refusals, so that an admin is told all of them at once, and what the copy will have in
/// another way than the source. Discovery shows them as findings, and planning throws them: no rule stands twice.
/// </summary>
internal sealed class PlanFindings(string host)
{
    private readonly List<Finding> all = [];

    public IReadOnlyList<Finding> All => all;

    public bool HasErrors => all.Any(finding => finding.Severity == FindingSeverity.Error);

    public void Add(Finding finding)
    {
        // One missing disk may stand in the way of several volumes.
        if (!all.Contains(finding))
            all.Add(finding);
    }

    public void Warn(string id, string subject, string what, string remedy) =>
        Add(new Finding(FindingSeverity.Warning, id, subject, what, remedy));

    public void Inform(string id, string subject, string what, string remedy) =>
        Add(new Finding(FindingSeverity.Information, id, subject, what, remedy));

    /// <summary>Runs a step that may refuse the plan.</summary>
    /// <returns>Whether it did not.</returns>
    public bool Try(Action step)
    {
        try
        {
            step();
            return true;
        }
        catch (P2VException refusal)
        {
            Add(new Finding(FindingSeverity.Error, refusal.ErrorId, refusal.Target as string ?? host, refusal.Message, refusal.Remedy));
            return false;
        }
    }

    /// <exception cref="P2VException">The first refusal; its text names the others.</exception>
    public void ThrowIfRefused()
    {
        var errors = all.Where(finding => finding.Severity == FindingSeverity.Error).ToList();
        if (errors.Count == 0)
            return;

        var others = errors.Count == 1 ? "" : $" Moreover: {string.Join(" ", errors.Skip(1).Select(error => error.What))}";
        throw new P2VException(errors[0].Id, errors[0].What + others, errors[0].Remedy, errors[0].Subject);
    }
}
