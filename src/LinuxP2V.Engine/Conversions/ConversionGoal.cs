using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>What a conversion is asked for. It is stored, so that a resume does that and nothing more.</summary>
public sealed record ConversionGoal
{
    /// <summary>Where it stands then: HelperReady, Synchronized, Reconfiguring or Completed.</summary>
    public ConversionState Through { get; init; } = ConversionState.Completed;

    /// <summary>Whether a further pass follows the copy.</summary>
    public SyncChoice Sync { get; init; }

    /// <summary>Compare the copy with the source, and the contents of so many files in a hundred; null: do not compare.</summary>
    public double? VerifyPercent { get; init; }

    /// <summary>systemd services that are stopped on the source before the last pass. For Completed only.</summary>
    public IReadOnlyList<string> QuiesceServices { get; init; } = [];

    /// <summary>
    /// Boot a twin of the copy after the last pass, and go on only if it is up so long after its power-on; null: no proof. For
    /// Completed only.
    /// </summary>
    public TimeSpan? ProveBootWithin { get; init; }

    /// <summary>Reconfigure and finish where the copy is found not to boot: that is told, and does not stop it.</summary>
    public bool Force { get; init; }

    /// <summary>Go on without files that the source cannot read: they are told, and do not stop it.</summary>
    public bool AllowUnreadable { get; init; }

    /// <summary>A pass may delete a large part of a volume of the copy, as the source did.</summary>
    public bool AllowMassDeletion { get; init; }

    /// <summary>Scripts that have run on the source run again, where nothing is copied yet.</summary>
    public bool RepeatHooks { get; init; }

    /// <summary>Set by the manager, one more for each asking: what is asked for again is then done again.</summary>
    public int Number { get; init; }

    /// <summary>Without a further pass and without a comparison.</summary>
    public static ConversionGoal To(ConversionState through) => new() { Through = through };

    /// <exception cref="P2VException">ConversionWrongState: the conversion is past it, or not yet as far.</exception>
    public void ThrowIfOutOfReach(Conversion conversion)
    {
        var at = conversion.InterruptedState ?? conversion.State;
        var name = $"The conversion {conversion.Id} ({conversion.Task.Name})";
        var isExtra = Sync == SyncChoice.Always || VerifyPercent is not null;
        if (isExtra && Through == ConversionState.Synchronized && !conversion.IsCopied)
        {
            throw Wrong(
                conversion,
                $"{name} is not copied yet: it is at {at}.",
                $"Copy it first: Copy-P2VVolume -Conversion {conversion.Id}."
            );
        }

        if (VerifyPercent is not null && conversion.IsReconfigured)
        {
            throw Wrong(
                conversion,
                $"{name} is reconfigured: the copy differs from its source on purpose.",
                $"Compare before Invoke-P2VReconfiguration, or after another pass: Sync-P2VConversion -Conversion {conversion.Id}."
            );
        }

        // A pass is done on a copy that was reconfigured, too: it is reconfigured again afterwards.
        var last = Sync == SyncChoice.Always && Through == ConversionState.Synchronized ? ConversionState.Reconfiguring : Through;
        if (at > last && at <= ConversionState.Completed)
        {
            throw Wrong(
                conversion,
                $"{name} is at {at}, which is past {Through}.",
                at == ConversionState.Completed
                    ? "Start a new one with New-P2VTask and Start-P2VConversion."
                    : $"Go on with a later step, such as Complete-P2VConversion -Conversion {conversion.Id}."
            );
        }
    }

    private static P2VException Wrong(Conversion conversion, string cause, string remedy) =>
        new(ErrorIds.ConversionWrongState, cause, remedy, conversion.Id);
}

/// <summary>Whether a pass follows the full copy.</summary>
public enum SyncChoice
{
    /// <summary>Only when the last one broke off.</summary>
    IfBroken,

    /// <summary>A pass in any case.</summary>
    Always,

    /// <summary>Not even when the last one broke off: the source may be gone for good.</summary>
    Never,
}
