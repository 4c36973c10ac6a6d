using LinuxP2V.Agent.Reconfigure.Tree;

namespace LinuxP2V.Agent.Reconfigure.Steps;

/// <summary>A step that rewrites the text of configuration files and needs no program of the copy for it.</summary>
internal abstract class TextStep : IReconfigureStep
{
    public abstract string Concern { get; }

    public bool Detect(ReconfigureContext context) => Paths(context.Files).Any(context.Files.FileExists);

    public Task<IReadOnlyList<PlannedChange>> PlanAsync(ReconfigureContext context, CancellationToken cancellationToken)
    {
        var planned = new List<PlannedChange>();
        foreach (var path in Paths(context.Files).Where(context.Files.FileExists))
        {
            var old = context.Files.ReadText(path);
            var (text, changes) = Transform(path, old, context);
            if (changes.Count > 0 && text != old)
            {
                planned.Add(
                    context.Edit(
                        path,
                        text,
                        string.Join("; ", changes.Select(change => $"{change.Line}: {change.What}")),
                        string.Join("; ", changes.Select(change => change.Why).Distinct())
                    )
                );
                OnChanged(path, context);
            }
        }

        return Task.FromResult<IReadOnlyList<PlannedChange>>(planned);
    }

    protected abstract IEnumerable<string> Paths(CopyRoot files);

    protected abstract (string Text, IReadOnlyList<TextChange> Changes) Transform(string path, string text, ReconfigureContext context);

    /// <summary>For what follows from a change: an initramfs or a boot menu to build anew.</summary>
    protected virtual void OnChanged(string path, ReconfigureContext context) { }
}
