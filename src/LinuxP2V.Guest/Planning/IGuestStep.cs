namespace LinuxP2V.Guest.Planning;

/// <summary>
/// One concern of making a copy boot. Steps run in order; a later one sees the files as the earlier ones will leave them.
/// A step looks at files alone: it starts no program and changes nothing.
/// </summary>
internal interface IGuestStep
{
    /// <summary>The name under which its changes and findings are reported.</summary>
    string Concern { get; }

    void Plan(GuestContext context);
}
