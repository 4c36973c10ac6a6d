using LinuxP2V.Protocol.Text;

namespace LinuxP2V.Engine.Reconfiguration;

/// <summary>Something that the reconfiguration will change in the copy. The new text itself is left out: it may hold secrets.</summary>
/// <param name="Concern">What it belongs to, such as Fstab or Network.</param>
/// <param name="Subject">The file or device, as the copy will see it.</param>
public sealed record PlannedChange(string Concern, string Subject, string What, string Why)
{
    /// <summary>Names of the source are shown as text, whatever characters they hold; so are those in the sentences.</summary>
    public string Subject { get; init; } = PlainText.Line(Subject);

    /// <inheritdoc cref="PlannedChange"/>
    public string What { get; init; } = PlainText.Line(What);

    /// <inheritdoc cref="PlannedChange"/>
    public string Why { get; init; } = PlainText.Line(Why);
}

/// <summary>What the reconfiguration would do, worked out from the running source.</summary>
/// <param name="Findings">An error means that the copy would not boot.</param>
public sealed record ReconfigurationPreview(IReadOnlyList<PlannedChange> Changes, IReadOnlyList<Finding> Findings);
