using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Tree;

/// <summary>What carrying out a plan works on, and what it tells.</summary>
internal sealed class ReconfigureContext(MountedTarget target, GuestTarget guest, CopyRoot files, IEventSink sink)
{
    public MountedTarget Target { get; } = target;

    public GuestTarget Guest { get; } = guest;

    public TargetLayout Layout => Guest.Layout;

    public CopyRoot Files { get; } = files;

    public Originals Originals { get; } = new(files);

    public Chroot Chroot { get; } = new(files.Root, sink);

    public List<ReportedChange> Changes { get; } = [];

    public List<string> Notes { get; } = [];

    public List<string> Warnings { get; } = [];

    public void Report(GuestChange change)
    {
        Changes.Add(new ReportedChange(change.Concern, change.Subject, change.What, change.Why));
        sink.Report(
            new ChangeEvent
            {
                Concern = change.Concern,
                Subject = change.Subject,
                What = change.What,
                Why = change.Why,
            }
        );
    }

    /// <summary>For the log alone.</summary>
    public void Tell(string text) => sink.Information(text);

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
}
