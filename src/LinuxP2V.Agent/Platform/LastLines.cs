using System.Text;

namespace LinuxP2V.Agent.Platform;

/// <summary>The last lines of a standard error, for a message. A char a byte.</summary>
internal sealed class LastLines
{
    private const int Kept = 4;

    private readonly Queue<string> lines = new();

    public void Add(string line)
    {
        lock (lines)
        {
            lines.Enqueue(line);
            if (lines.Count > Kept)
                lines.Dequeue();
        }
    }

    public override string ToString()
    {
        lock (lines)
        {
            return Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(string.Join(" / ", lines)));
        }
    }
}
