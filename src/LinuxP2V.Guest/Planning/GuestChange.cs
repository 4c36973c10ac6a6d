namespace LinuxP2V.Guest.Planning;

/// <summary>A change that makes a copy boot, as data: the plan decides it, the agent carries it out.</summary>
/// <param name="Concern">The step that asks for it, such as Fstab.</param>
/// <param name="Subject">The file or device, as the copy will see it.</param>
/// <param name="What">What is done, in a few words that follow the subject.</param>
public abstract record GuestChange(string Concern, string Subject, string What, string Why);

/// <summary>The text of a file. Owner, mode and label of one that is there stay.</summary>
/// <param name="Text">Each byte as a Latin-1 character.</param>
public sealed record FileText(string Concern, string Path, string Text, string What, string Why, bool IsExecutable = false)
    : GuestChange(Concern, Path, What, Why)
{
    /// <summary>A file that is made is its owner's alone to read.</summary>
    public bool IsPrivate { get; init; }
}

/// <summary>A second copy of one of the guest's files.</summary>
public sealed record FileCopy(string Concern, string From, string To, string Why) : GuestChange(Concern, To, $"copied from {From}", Why);

/// <summary>A file or link that goes.</summary>
/// <param name="IsSecret">The copy keeps no original of it.</param>
public sealed record FileRemoval(string Concern, string Path, string Why, bool IsSecret = false)
    : GuestChange(Concern, Path, "removed", Why);

/// <summary>A symbolic link in the place of whatever is there.</summary>
public sealed record LinkTo(string Concern, string Path, string Target, string What, string Why) : GuestChange(Concern, Path, What, Why);

/// <summary>Something that a program does in the copy.</summary>
public abstract record ToolChange(string Concern, string Subject, string What, string Why) : GuestChange(Concern, Subject, What, Why);
