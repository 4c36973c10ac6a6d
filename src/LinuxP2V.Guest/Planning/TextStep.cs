using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Planning;

/// <summary>A step that rewrites the text of configuration files.</summary>
internal abstract class TextStep : IGuestStep
{
    public abstract string Concern { get; }

    public void Plan(GuestContext context)
    {
        foreach (var path in Paths(context.Files).Where(context.Files.FileExists).ToList())
        {
            var old = context.Files.ReadText(path);
            var changed = Transform(path, old, context);
            if (changed.Changes.Count > 0 && changed.Text != old)
            {
                context.Write(Concern, path, changed.Text, changed.What, changed.Why);
                OnChanged(path, old, context);
            }
        }
    }

    /// <summary>Files to look at; those that are not there are passed over.</summary>
    protected abstract IEnumerable<string> Paths(GuestTree files);

    protected abstract ChangedText Transform(string path, string text, GuestContext context);

    /// <summary>For what follows from a change: an initramfs or a boot menu to build anew.</summary>
    protected virtual void OnChanged(string path, string old, GuestContext context) { }
}
