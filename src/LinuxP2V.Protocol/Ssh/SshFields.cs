using System.Buffers.Binary;
using System.Text;

namespace LinuxP2V.Protocol.Ssh;

/// <summary>
/// Reads and writes the fields of an SSH message, RFC 4251 section 5: numbers in network order, texts behind their length.
/// </summary>
/// <param name="message">Of another program, so nothing in it is believed.</param>
public ref struct SshFields(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> rest = message;

    /// <summary>One byte.</summary>
    /// <exception cref="InvalidDataException">The message has ended.</exception>
    public byte Byte() => Take(1)[0];

    /// <summary>Four bytes.</summary>
    /// <exception cref="InvalidDataException">The message is too short.</exception>
    public uint Number() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    /// <summary>As many bytes as the number before them says.</summary>
    /// <exception cref="InvalidDataException">The message is too short.</exception>
    public byte[] Bytes()
    {
        var length = Number();
        return length <= (uint)rest.Length ? Take((int)length).ToArray() : throw TooShort();
    }

    /// <summary><see cref="Bytes"/> as UTF-8.</summary>
    /// <exception cref="InvalidDataException">The message is too short.</exception>
    public string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>A number as a field: four bytes.</summary>
    public static byte[] Encode(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return bytes;
    }

    /// <summary>Bytes as a field: their number, then themselves.</summary>
    public static byte[] Encode(byte[] bytes) => [.. Encode((uint)bytes.Length), .. bytes];

    private ReadOnlySpan<byte> Take(int length)
    {
        if (rest.Length < length)
            throw TooShort();

        var taken = rest.Slice(0, length);
        rest = rest.Slice(length);
        return taken;
    }

    private static InvalidDataException TooShort() => new("The message ends in the middle of a field.");
}
