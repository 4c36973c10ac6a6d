namespace LinuxP2V.Agent.Reconfigure.Tree;

/// <summary>
/// One concern of making the copy boot. Steps run in order, each detecting, planning and applying before the next one
/// looks, since a later one (the initramfs) packs what earlier ones wrote.
/// </summary>
internal interface IReconfigureStep
{
    /// <summary>The name under which its changes are reported.</summary>
    string Concern { get; }

    /// <summary>Whether the copy has what this step is about.</summary>
    bool Detect(ReconfigureContext context);

    /// <summary>Decides what to change and changes nothing yet.</summary>
    Task<IReadOnlyList<PlannedChange>> PlanAsync(ReconfigureContext context, CancellationToken cancellationToken);
}

/// <param name="Subject">The file or device, as the copy will see it.</param>
internal sealed record PlannedChange(string Subject, string What, string Why, Func<CancellationToken, Task> ApplyAsync);
