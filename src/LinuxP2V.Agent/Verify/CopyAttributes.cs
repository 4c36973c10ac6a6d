using System.Runtime.InteropServices;
using System.Text;

namespace LinuxP2V.Agent.Verify;

/// <summary>Reads extended attributes of the copy by the kernel's own calls: no program for each file, and any name.</summary>
internal static partial class CopyAttributes
{
    private const int NotSupported = 95;

    private const int LongestList = 1 << 16;

    /// <summary>The kernel's own limit of a value.</summary>
    private const int LongestValue = 1 << 16;

    /// <param name="path">NUL-ended; a link's own attributes are read.</param>
    /// <returns>As <see cref="AttributeSet.ToString"/> gives them; null when the entry cannot be read.</returns>
    public static string? Read(byte[] path, AttributeBuffers buffers)
    {
        var length = (int)ListAttributes(ref path[0], ref buffers.Names[0], (nuint)buffers.Names.Length);
        if (length <= 0)
            return length == 0 || Marshal.GetLastPInvokeError() == NotSupported ? "" : null;

        var attributes = new AttributeSet();
        var names = buffers.Names.AsSpan(0, length);
        while (names.IndexOf((byte)0) is var end and >= 0)
        {
            var size = (int)GetAttribute(ref path[0], ref names[0], ref buffers.Value[0], (nuint)buffers.Value.Length);
            if (size < 0)
                return null;

            attributes.Add(Encoding.Latin1.GetString(names[..end]), buffers.Value.AsSpan(0, size));
            names = names[(end + 1)..];
        }

        return attributes.ToString();
    }

    /// <summary>For one reader after another.</summary>
    internal sealed class AttributeBuffers
    {
        public byte[] Names { get; } = new byte[LongestList];

        public byte[] Value { get; } = new byte[LongestValue];
    }

    [LibraryImport("libc", EntryPoint = "llistxattr", SetLastError = true)]
    private static partial nint ListAttributes(ref byte path, ref byte list, nuint size);

    [LibraryImport("libc", EntryPoint = "lgetxattr", SetLastError = true)]
    private static partial nint GetAttribute(ref byte path, ref byte name, ref byte value, nuint size);
}
