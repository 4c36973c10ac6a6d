using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Kernels;
using LinuxP2V.Protocol.Findings;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Planning;

/// <summary>What every step works on, and what steps tell each other.</summary>
internal sealed class GuestContext
{
    private readonly PlannedStore planned;
    private readonly List<GuestChange> changes = [];
    private readonly List<Finding> findings = [];
    private readonly List<string> notes = [];

    public GuestContext(IGuestStore store, GuestTarget target)
    {
        Target = target;
        planned = new PlannedStore(store);
        Files = new GuestTree(planned);
    }

    public GuestTarget Target { get; }

    public TargetLayout Layout => Target.Layout;

    public ReconfigureOptions Options => Target.Options;

    public DeviceMap Devices => Target.Devices;

    /// <summary>The files as the plan leaves them so far.</summary>
    public GuestTree Files { get; }

    public IReadOnlyList<GuestChange> Changes => changes;

    public IReadOnlyList<Finding> Findings => findings;

    /// <summary>What was looked at and stays, and why.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <summary>Newest version first; empty until they were looked for.</summary>
    public IReadOnlyList<InstalledKernel> Kernels { get; set; } = [];

    /// <summary>The kernel that the copy shall start; null until one was chosen.</summary>
    public InstalledKernel? BootKernel { get; set; }

    /// <summary>Changed files of which the initramfs holds a copy.</summary>
    public SortedSet<string> InitramfsInputs { get; } = new(StringComparer.Ordinal);

    /// <summary>Why the boot loader's menu must be made anew; empty when it may stay.</summary>
    public List<string> MenuReasons { get; } = [];

    /// <summary>A file's new text. Nothing is planned for a text that is there already, or for a file whose text is not known.</summary>
    /// <param name="isPrivate">A file that is made is its owner's alone to read.</param>
    public void Write(string concern, string path, string text, string what, string why, bool isExecutable = false, bool isPrivate = false)
    {
        var real = Files.Resolve(path);
        if (Files.TryReadText(real) == text || Files.Unread.Contains(real))
            return;

        planned.Write(real, text);
        // A text that changes twice is one change.
        var earlier = changes.FindIndex(change => change is FileText file && file.Path == path);
        var now = new FileText(concern, path, text, what, why, isExecutable) { IsPrivate = isPrivate };
        if (earlier < 0)
        {
            changes.Add(now);
            return;
        }

        var before = changes[earlier];
        changes[earlier] = now with { Concern = before.Concern, What = $"{before.What}; {what}", Why = $"{before.Why}; {why}" };
    }

    public void Remove(string concern, string path, string why)
    {
        planned.Remove(Files.ResolveFolder(path));
        changes.Add(new FileRemoval(concern, path, why));
    }

    /// <summary>A file that the copy must not hold anywhere: no original is kept. The source has it.</summary>
    public void RemoveSecret(string concern, string path, string why)
    {
        planned.Remove(Files.ResolveFolder(path));
        changes.Add(new FileRemoval(concern, path, why, IsSecret: true));
    }

    /// <summary>A copy of a file that is there, whatever it holds.</summary>
    public void Copy(string concern, string from, string to, string why)
    {
        planned.Copy(Files.Resolve(from), Files.ResolveFolder(to));
        changes.Add(new FileCopy(concern, from, to, why));
    }

    /// <summary>A systemd unit switched off as systemctl mask does it.</summary>
    public void Mask(string concern, string unit, string why)
    {
        var path = $"/etc/systemd/system/{unit}";
        planned.Link(Files.ResolveFolder(path), "/dev/null");
        changes.Add(new LinkTo(concern, path, "/dev/null", "masked", why));
    }

    /// <summary>A symbolic link, in the place of whatever is there.</summary>
    public void Link(string concern, string path, string target, string why)
    {
        planned.Link(Files.ResolveFolder(path), target);
        changes.Add(new LinkTo(concern, path, target, $"leads to {target}", why));
    }

    /// <summary>Something that a program does in the copy.</summary>
    /// <param name="makes">A file that it makes; later steps see that it is there, and not what is in it.</param>
    public void Run(ToolChange change, string? makes = null)
    {
        changes.Add(change);
        if (makes is not null && !Files.FileExists(makes))
            planned.Write(Files.Resolve(makes), "");
    }

    public void Note(string text) => notes.Add(text);

    public void Report(Finding finding) => findings.Add(finding);

    /// <summary>Something that the admin should know, and that does not keep the copy from booting.</summary>
    public void Warn(string id, string subject, string what, string remedy) =>
        findings.Add(new Finding(FindingSeverity.Warning, id, subject, what, remedy));

    /// <summary>The copy would not boot, or could not be finished.</summary>
    public void Fail(string id, string subject, string what, string remedy) =>
        findings.Add(new Finding(FindingSeverity.Error, id, subject, what, remedy));
}
