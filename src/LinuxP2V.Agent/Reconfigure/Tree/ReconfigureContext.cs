using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Tree;

/// <summary>What every step works on, and what steps tell each other.</summary>
internal sealed class ReconfigureContext(
    MountedTarget target,
    ReconfigureOptions options,
    CopyRoot files,
    DeviceMap devices,
    IEventSink sink
)
{
    private const UnixFileMode Executable =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherExecute;

    public MountedTarget Target { get; } = target;

    public TargetLayout Layout => Target.Layout;

    public ReconfigureOptions Options { get; } = options;

    public CopyRoot Files { get; } = files;

    public DeviceMap Devices { get; } = devices;

    public Originals Originals { get; } = new(files);

    public Chroot Chroot { get; } = new(files.Root, sink);

    public IReadOnlyList<InstalledKernel> Kernels { get; set; } = [];

    /// <summary>Changed files of which the initramfs holds a copy.</summary>
    public SortedSet<string> InitramfsInputs { get; } = new(StringComparer.Ordinal);

    /// <summary>Why the boot loader's menu must be made anew; empty when it may stay.</summary>
    public List<string> MenuReasons { get; } = [];

    public List<ReportedChange> Changes { get; } = [];

    public List<string> Notes { get; } = [];

    public List<string> Warnings { get; } = [];

    public void Report(string concern, PlannedChange change)
    {
        Changes.Add(new ReportedChange(concern, change.Subject, change.What, change.Why));
        sink.Report(
            new ChangeEvent
            {
                Concern = concern,
                Subject = change.Subject,
                What = change.What,
                Why = change.Why,
            }
        );
    }

    /// <summary>Something that was looked at and left as it is, and why.</summary>
    public void Note(string text)
    {
        Notes.Add(text);
        sink.Information(text);
    }

    public void Warn(string text)
    {
        Warnings.Add(text);
        sink.Warning(text);
    }

    /// <summary>The change of a file's text; owner, mode and label stay, as the file is written where it is.</summary>
    public PlannedChange Edit(string path, string text, string what, string why) =>
        new(
            path,
            what,
            why,
            async cancellationToken =>
            {
                var real = Files.Resolve(path);
                await Originals.KeepAsync(real, cancellationToken);
                var place = Files.Host(real);
                Directory.CreateDirectory(Path.GetDirectoryName(place)!);
                await File.WriteAllBytesAsync(place, CopyRoot.Bytes.GetBytes(text), cancellationToken);
            }
        );

    /// <summary>A script of ours that the copy will run.</summary>
    public PlannedChange AddScript(string path, string text, string why)
    {
        var edit = Edit(path, text, "added", why);
        return edit with
        {
            ApplyAsync = async cancellationToken =>
            {
                await edit.ApplyAsync(cancellationToken);
                File.SetUnixFileMode(Files.Host(path), Executable);
            },
        };
    }

    public PlannedChange Remove(string path, string why) =>
        new(
            path,
            "removed",
            why,
            async cancellationToken =>
            {
                await Originals.KeepAsync(path, cancellationToken);
                File.Delete(Files.HostEntry(path));
            }
        );

    /// <summary>A systemd unit switched off as systemctl mask does it.</summary>
    public PlannedChange Mask(string unit, string why)
    {
        var path = $"/etc/systemd/system/{unit}";
        return new PlannedChange(
            path,
            "masked",
            why,
            async cancellationToken =>
            {
                await Originals.KeepAsync(path, cancellationToken);
                var place = Files.HostEntry(path);
                File.Delete(place);
                File.CreateSymbolicLink(place, "/dev/null");
            }
        );
    }
}
