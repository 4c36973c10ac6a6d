using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Rehearsals;

/// <summary>What a rehearsal is asked for.</summary>
public sealed record RehearsalOptions
{
    /// <summary>How long the twin may take from its power-on until it is up.</summary>
    public TimeSpan BootTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Reconfigure and boot where the copy is found not to boot: that is told, and does not stop it.</summary>
    public bool Force { get; init; }

    /// <summary>The twin's helper takes this address while the conversion's own has its; null: DHCP.</summary>
    public HelperNetwork? HelperNetwork { get; init; }

    /// <summary>
    /// Asked every few seconds once the twin is up, until it says yes: the user's own proof. It may throw what ends the
    /// rehearsal. Null: being up is enough.
    /// </summary>
    public Func<Rehearsal, CancellationToken, Task<bool>>? Until { get; init; }
}
